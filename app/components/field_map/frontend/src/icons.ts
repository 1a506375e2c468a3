/** Signs, as outlines of 24 × 24 that are stroked. */

export const ICONS = {
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  whole: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5M9.5 9.5h5v5h-5z",
  fullscreen: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  box: "M5 3v2M3 5h2M9 5h3M16 5h3v3M19 12v3M5 9v3M5 16v3h3M12 19h3M19 19h2M19 19v2",
  lasso: "M12 4c5 0 9 2.5 9 6s-4 6-9 6-9-2.5-9-6 4-6 9-6zM8 15.5c-2 .5-3 2-2 3.200s3 .5 2.500 2.300",
  ruler: "M3 16 16 3l5 5L8 21zM7 12l2 2M10 9l3 3M13 6l2 2",
  area: "M5 7l9-3 6 7-4 9-10-2zM5 7h.01M14 4h.01M20 11h.01M16 20h.01M6 18h.01",
  target: "M12 3v5M12 16v5M3 12h5M16 12h5M12 12h.01M12 18a6 6 0 1 0 0-12 6 6 0 0 0 0 12z",
  print: "M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z",
  layers: "M12 3l9 5-9 5-9-5zM3 12.500l9 5 9-5M3 17l9 5 9-5",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  close: "M6 6l12 12M18 6L6 18",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14M16 5v14",
  swap: "M4 8h14l-4-4M20 16H6l4 4",
} as const;
