/** The texts of the component. Python translates them (`words.py` has the same names, which a test holds together). */

export const WORDS = [
  "map",
  "map_help",
  "panel",
  "panel_open",
  "panel_close",
  "layers",
  "legend",
  "own_colours",
  "basemap",
  "basemap_none",
  "basemap_missing",
  "layer_missing",
  "layer_up",
  "layer_down",
  "layer_go",
  "opacity",
  "tools",
  "zoom_in",
  "zoom_out",
  "whole",
  "fullscreen",
  "fullscreen_leave",
  "search",
  "search_none",
  "search_failed",
  "search_count",
  "card",
  "card_busy",
  "card_failed",
  "close",
  "history",
  "season",
  "crop",
  "hectares",
  "since",
  "show_in_table",
  "copy_link",
  "link_copied",
  "link_not_copied",
  "merged",
  "select_box",
  "select_lasso",
  "select_hint",
  "selected",
  "selected_hectares",
  "selection_clear",
  "selection_small",
  "measure_distance",
  "measure_area",
  "measure_hint",
  "measure_end",
  "coordinates",
  "coordinates_copied",
  "divider",
  "compare_showing",
  "compare_switch",
  "compare_play",
  "compare_pause",
  "print",
  "print_png",
  "print_pdf",
  "print_failed",
  "north",
  "scale",
  "no_webgl",
] as const;

export type Word = (typeof WORDS)[number];
export type Words = Record<Word, string>;

/** Fill the `{names}` of a text. A name without a value stays as it is. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (written, name: string) => {
    const value = values[name];
    return value === undefined ? written : String(value);
  });
}

/** Write numbers as the reader does. */
export class Numbers {
  private readonly locale: string;

  constructor(language: string) {
    this.locale = language === "es" ? "es-AR" : "en-GB";
  }

  /** Write `value` with exactly `digits` decimals. */
  write(value: number, digits = 0): string {
    // Four digits want their point too, as everywhere on the pages: 1.234 ha.
    return new Intl.NumberFormat(this.locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      useGrouping: "always",
    } as unknown as Intl.NumberFormatOptions).format(value);
  }

  /** Write an area given in ha: one decimal below 100 ha. */
  hectares(value: number): string {
    return `${this.write(value, Math.abs(value) < 100 ? 1 : 0)} ha`;
  }

  /** Write a length given in metres: in kilometres from one on. */
  length(metres: number): string {
    if (metres >= 1000 && metres % 1000 === 0) return `${this.write(metres / 1000)} km`;
    return metres < 1000 ? `${this.write(metres)} m` : `${this.write(metres / 1000, metres < 10_000 ? 2 : 1)} km`;
  }
}
