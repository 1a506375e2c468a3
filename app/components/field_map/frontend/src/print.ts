/** The map as a picture with title, legend, north, scale and attribution: PNG, or a PDF of one page. */

import type { FieldMap } from "./field_map";
import { metresPerPixel, scaleBar } from "./geodesy";
import { ofSide } from "./layers";
import { faded, legendSections } from "./legend";
import { pdf } from "./pdf";
import type { Layer } from "./spec";

const MARGIN = 24;
const LEGEND_WIDTH = 230;
const WIDEST_LEGEND = 480;
const LEGEND_PADDING = 48;
const LEGEND_HEAD = 36;
const LEGEND_ROW = 21;
const FONT = "system-ui, sans-serif";
const INK = "#14181A";
const PAPER = "#FFFFFF";

/** Save the map as it is seen. Raises what the browser does when it cannot read the picture. */
export async function save(host: FieldMap, kind: "png" | "pdf"): Promise<void> {
  const canvas = await compose(host);
  const name = fileName(host.spec.title);
  if (kind === "png") {
    download(await blobOf(canvas, "image/png"), `${name}.png`);
    return;
  }
  const jpeg = new Uint8Array(await (await blobOf(canvas, "image/jpeg", 0.93)).arrayBuffer());
  download(new Blob([pdf(jpeg, canvas.width, canvas.height, host.spec.title)], { type: "application/pdf" }), `${name}.pdf`);
}

/** Make a title into the name of a file. */
export function fileName(title: string): string {
  return (
    title
      .normalize("NFC")
      .replace(/[\\/:*?"<>|\p{Cc}]+/gu, "-")
      .replace(/\s+/g, " ")
      .trim()
      .slice(0, 80) || "mapa"
  );
}

/** A row of a printed legend; one without a colour is a heading, or names what brings its own colours. */
export interface PrintedRow {
  colour: string | null;
  label: string;
}

/** Give the rows of the layers that are seen, under their titles where there are several. */
export function printedRows(layers: Layer[]): PrintedRow[] {
  return legendSections(layers).flatMap(({ layer, titled, rows }) => [
    ...(titled ? [{ colour: null, label: layer.title }] : []),
    ...rows.map(({ colour, label }) => ({ colour: faded(colour, layer.opacity), label })),
  ]);
}

/** Make columns as wide as the longest row: a number that is cut is a wrong one. */
function columnWidth(pen: CanvasRenderingContext2D, rows: PrintedRow[]): number {
  pen.font = `600 13px ${FONT}`;
  const longest = Math.max(0, ...rows.map(({ label }) => pen.measureText(label).width));
  return Math.min(WIDEST_LEGEND, Math.max(LEGEND_WIDTH, Math.ceil(longest) + LEGEND_PADDING));
}

/** Lay the rows of a legend into as many columns as it takes beside a map of this height: none is left out. */
export function legendColumns<Row>(rows: Row[], height: number): Row[][] {
  const most = Math.max(1, Math.floor((height - LEGEND_HEAD) / LEGEND_ROW));
  const count = Math.ceil(rows.length / most);
  return Array.from({ length: count }, (_, column) => rows.slice(column * most, (column + 1) * most));
}

async function compose(host: FieldMap): Promise<HTMLCanvasElement> {
  const { spec } = host;
  const ratio = host.canvas().width / host.stage.clientWidth;
  const [width, height] = [host.stage.clientWidth, host.stage.clientHeight];
  const { shown } = host.compare;
  const rows = printedRows(shown ? ofSide(host.layers(), shown) : host.layers());
  const columns = legendColumns(rows, height);
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  const wide = columnWidth(pen, rows);
  const legend = columns.length * wide;
  canvas.width = Math.round((width + legend + 2 * MARGIN) * ratio);
  canvas.height = Math.round((height + 2 * MARGIN + 84) * ratio);
  pen.scale(ratio, ratio);
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  write(pen, spec.title, MARGIN, MARGIN + 16, "600 20px", width + legend);
  const top = MARGIN + 34;
  pen.save();
  pen.translate(MARGIN, top);
  await drawMaps(host, pen, width, height);
  pen.strokeStyle = INK;
  pen.strokeRect(0, 0, width, height);
  north(pen, width - 30, 38, host.words.north);
  pen.restore();
  if (legend) drawLegend(pen, columns, wide, host.ground(), host.words.legend, MARGIN + width + 18, top + 4);
  foot(host, pen, top + height + 20, width + legend);
  return canvas;
}

/** Draw the panes as they lie on each other. A canvas of WebGL can be read only while it is drawn. */
async function drawMaps(host: FieldMap, pen: CanvasRenderingContext2D, width: number, height: number): Promise<void> {
  for (const [place, pane] of host.panes().entries()) {
    if (pane.container.style.visibility === "hidden") continue;
    await new Promise<void>((done, failed) => {
      pane.map.once("render", () => {
        try {
          pen.save();
          pen.beginPath();
          const from = place === 1 ? (host.compare.cut ?? 0) : 0;
          pen.rect(from, 0, width - from, height);
          pen.clip();
          pen.drawImage(pane.map.getCanvas(), 0, 0, width, height);
          pen.restore();
          done();
        } catch (error) {
          failed(error as Error);
        }
      });
      pane.map.triggerRepaint();
    });
  }
  const { cut, shown } = host.compare;
  if (shown) badge(pen, host.spec.titles[shown], 8, "left");
  if (cut === null) return;
  pen.fillStyle = PAPER;
  pen.fillRect(cut - 1.5, 0, 3, height);
  const { a, b } = host.spec.titles;
  badge(pen, a, cut - 8, "right");
  badge(pen, b, cut + 8, "left");
}

function badge(pen: CanvasRenderingContext2D, text: string, x: number, align: "left" | "right"): void {
  pen.font = `500 12px ${FONT}`;
  const wide = pen.measureText(text).width + 12;
  pen.fillStyle = PAPER;
  pen.fillRect(align === "left" ? x : x - wide, 8, wide, 20);
  pen.fillStyle = INK;
  pen.textAlign = "left";
  pen.fillText(text, (align === "left" ? x : x - wide) + 6, 22);
}

function north(pen: CanvasRenderingContext2D, x: number, y: number, letter: string): void {
  pen.fillStyle = "rgba(255, 255, 255, 0.85)";
  pen.beginPath();
  pen.arc(x, y - 4, 22, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = INK;
  pen.beginPath();
  pen.moveTo(x, y - 22);
  pen.lineTo(x + 7, y);
  pen.lineTo(x, y - 4);
  pen.lineTo(x - 7, y);
  pen.fill();
  pen.textAlign = "center";
  pen.font = `600 13px ${FONT}`;
  pen.fillText(letter, x, y + 13);
  pen.textAlign = "left";
}

function drawLegend(
  pen: CanvasRenderingContext2D,
  columns: PrintedRow[][],
  wide: number,
  ground: string,
  title: string,
  x: number,
  y: number,
): void {
  write(pen, title, x, y + 12, "600 14px", LEGEND_WIDTH - 18);
  for (const [column, rows] of columns.entries()) {
    const left = x + column * wide;
    for (const [row, { colour, label }] of rows.entries()) {
      const line = y + LEGEND_HEAD + row * LEGEND_ROW;
      if (colour === null) {
        write(pen, label, left, line, "600 13px", wide - LEGEND_PADDING / 2);
        continue;
      }
      for (const each of [ground, colour]) {
        pen.fillStyle = each;
        pen.fillRect(left, line - 11, 14, 14);
      }
      pen.strokeStyle = "#00000055";
      pen.strokeRect(left, line - 11, 14, 14);
      write(pen, label, left + 22, line, "13px", wide - LEGEND_PADDING + 4);
    }
  }
}

function foot(host: FieldMap, pen: CanvasRenderingContext2D, y: number, width: number): void {
  const { map } = host.main();
  const { metres, pixels } = scaleBar(metresPerPixel(map.getCenter().lat, map.getZoom()), 160);
  pen.strokeStyle = INK;
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(MARGIN, y);
  pen.lineTo(MARGIN, y + 6);
  pen.lineTo(MARGIN + pixels, y + 6);
  pen.lineTo(MARGIN + pixels, y);
  pen.stroke();
  write(pen, host.numbers.length(metres), MARGIN + pixels + 8, y + 8, "13px", 120);
  const today = new Intl.DateTimeFormat(host.spec.language === "es" ? "es-AR" : "en-GB", { dateStyle: "short" });
  const told = [host.basemap?.attribution, today.format(new Date())].filter(Boolean).join(" · ");
  write(pen, told, MARGIN + 300, y + 8, "12px", width - 300);
}

function write(pen: CanvasRenderingContext2D, text: string, x: number, y: number, font: string, width: number): void {
  pen.font = `${font} ${FONT}`;
  pen.fillStyle = INK;
  let shown = text;
  while (shown.length > 1 && pen.measureText(shown).width > width) shown = `${shown.slice(0, -2)}…`;
  pen.fillText(shown, x, y);
}

function blobOf(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> {
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), type, quality);
  });
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
