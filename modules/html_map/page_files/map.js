/* Draws what stands in the element "map-data". Every name goes in as text, never as HTML: it cannot become anything
   else. Canvas, since thousands of outlines are to move with a finger. */
"use strict";

const MOST_NAMES = 250;
/* Fields narrower than this, in pixels, are drawn without a line: it would leave nothing of their colour. */
const NARROW = 9;
/* Fields narrower than this may come to nothing on a canvas, where corners are whole pixels: a dot stands for them. */
const SPECK = 4;
const DOT = { radius: 3, stroke: false, fillOpacity: 1, interactive: false };

const INK = "#14181A";
const OUTLINE = { color: "#33403A", weight: 1.2, opacity: 0.9 };
const STYLES = {
  lotes: (colour) => ({ ...OUTLINE, fillColor: colour, fillOpacity: 0.85 }),
  ambientes: (colour) => ({ color: "#FFFFFF", weight: 1, opacity: 0.9, fillColor: colour, fillOpacity: 0.95 }),
  marcadores: (colour) => ({ color: INK, weight: 1.5, opacity: 1, fillColor: colour, fillOpacity: 1, radius: 5 }),
};
const CHOSEN = { color: INK, weight: 3.5, opacity: 1, fill: false, radius: 8 };
const UNTOUCHABLE = { interactive: false, pointToLayer: (feature, place) => L.circleMarker(place) };

function withText(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function popup(feature, labels) {
  const box = document.createElement("div");
  box.append(withText("h2", feature.properties.name));
  const table = document.createElement("table");
  feature.properties.facts.forEach((fact, index) => {
    if (fact === null) return;
    const row = document.createElement("tr");
    row.append(withText("th", labels[index]), withText("td", fact));
    table.append(row);
  });
  box.append(table);
  return box;
}

function drawLayer(map, kind, collection, group) {
  L.geoJSON(collection, {
    style: (feature) => STYLES[kind](collection.colours[feature.properties.look]),
    pointToLayer: UNTOUCHABLE.pointToLayer,
  }).eachLayer((layer) => {
    layer.bindPopup(() => popup(layer.feature, collection.labels), { maxWidth: 320, minWidth: 180 });
    let chosen;
    layer.on("popupopen", () => { chosen = L.geoJSON(layer.feature, { ...UNTOUCHABLE, style: CHOSEN }).addTo(map); });
    layer.on("popupclose", () => chosen.remove());
    group.addLayer(layer);
  });
}

/* Seen from far away, fields are dots of their colour. */
function thinOut(map, fields) {
  const widths = fields.getLayers().map((layer) => layer.getBounds().getEast() - layer.getBounds().getWest());
  const usual = widths.sort((a, b) => a - b)[Math.floor(widths.length / 2)];
  const dots = L.featureGroup(fields.getLayers().map((layer) => {
    const [longitude, latitude] = layer.feature.properties.at;
    return L.circleMarker([latitude, longitude], { ...DOT, fillColor: layer.options.fillColor });
  }));
  let narrow = false;
  const refresh = () => {
    const pixels = (usual / 360) * map.options.crs.scale(map.getZoom());
    if (pixels < SPECK && map.hasLayer(fields)) dots.addTo(map).bringToBack();
    else dots.remove();
    if ((pixels < NARROW) === narrow) return;
    narrow = !narrow;
    fields.eachLayer((layer) => {
      layer.setStyle(narrow ? { color: layer.options.fillColor, weight: 3, opacity: 1 } : OUTLINE);
    });
  };
  map.on("zoomend overlayadd overlayremove", refresh);
  refresh();
}

/* Names of the fields that are large enough on the screen to hold theirs. */
function nameFields(map, fields) {
  const names = L.layerGroup().addTo(map);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "600 12px system-ui, sans-serif";
  const boxes = fields.getLayers().map((layer) => {
    const { name, at } = layer.feature.properties;
    return { name, bounds: layer.getBounds(), place: L.latLng(at[1], at[0]), width: pen.measureText(name).width };
  });
  const refresh = () => {
    names.clearLayers();
    if (!map.hasLayer(fields)) return;
    const view = map.getBounds();
    const shown = boxes.filter(({ name, bounds, place, width }) => {
      if (!name || !view.contains(place)) return false;
      const size = map.latLngToLayerPoint(bounds.getSouthEast()).subtract(map.latLngToLayerPoint(bounds.getNorthWest()));
      return size.x >= width + 6 && size.y >= 18;
    });
    if (shown.length > MOST_NAMES) return;
    for (const { name, place } of shown) {
      const options = { permanent: true, direction: "center", className: "field-name", interactive: false, opacity: 1 };
      names.addLayer(L.tooltip(options).setLatLng(place).setContent(document.createTextNode(name)));
    }
  };
  map.on("moveend overlayadd overlayremove", refresh);
  refresh();
}

/* Keeps zones above fields, their outlines above zones and markers above all, and the legend to what is shown. */
function followLayers(map, groups, fields) {
  const outlines = L.geoJSON(fields, { ...UNTOUCHABLE, style: { ...OUTLINE, weight: 2, fill: false } });
  const refresh = () => {
    for (const [kind, group] of Object.entries(groups)) {
      const shown = map.hasLayer(group);
      if (shown) group.bringToFront();
      if (kind === "ambientes") {
        if (shown && map.hasLayer(groups.lotes)) outlines.addTo(map).bringToFront();
        else outlines.remove();
      }
      const table = document.querySelector(`table[data-layer="${kind}"]`);
      if (table) table.hidden = !shown;
    }
  };
  map.on("overlayadd overlayremove", refresh);
  refresh();
}

/* Sets the buttons going that lead to a farm; on a narrow screen the map may be out of sight. */
function visitPlaces(map, places, fit) {
  for (const button of document.querySelectorAll("button[data-place]")) {
    const [west, south, east, north] = places[button.dataset.place];
    button.addEventListener("click", () => {
      map.closePopup();
      map.fitBounds([[south, west], [north, east]], fit);
      map.getContainer().scrollIntoView({ block: "nearest" });
    });
    button.disabled = false;
  }
}

/* groups: the layers of the map by their kind, from the lowest to the highest; fit: how a box is fitted into it. */
function drawMap(map, groups, fit) {
  const { layers, places } = JSON.parse(document.getElementById("map-data").textContent);
  for (const [kind, group] of Object.entries(groups)) drawLayer(map, kind, layers[kind], group);
  L.control.scale({ imperial: false }).addTo(map);
  followLayers(map, groups, layers.lotes);
  thinOut(map, groups.lotes);
  nameFields(map, groups.lotes);
  visitPlaces(map, places, fit);
}
