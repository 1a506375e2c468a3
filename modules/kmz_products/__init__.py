"""The four KMZ products, made from the newest snapshot of all farms.

request     what is asked for
sheets      the layers of the snapshot, with what files and folders need of them
plan        which files a product has, and which rows stand in each
contents    what stands in a file
facts       what a balloon says
edition     what files say they are of
layer       one KMZ of rows of one layer
files       writing all files of a product
parts       the same in parts, for other processes
index       `index.json` and `index.kmz`: what is in a folder
html_map    the same fields as one HTML file to send
run         all of it, from the snapshot to the folders
result      what a run did, in plain values and in words
"""
