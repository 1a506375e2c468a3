/** The view in the page's address: `?at=lon,lat,zoom`, beside whatever else stands there. */

export type View = [number, number, number];

const NAME = "at";
const PAUSE_MS = 250;

/** Read a view; null where there is none, or one that is no place on the map. */
export function readView(search: string): View | null {
  const written = new URLSearchParams(search).get(NAME);
  if (!written) return null;
  const [longitude, latitude, zoom, ...more] = written.split(",").map(Number);
  if (longitude === undefined || latitude === undefined || zoom === undefined || more.length) return null;
  const fits = Math.abs(longitude) <= 180 && Math.abs(latitude) <= 85.06 && zoom >= 0 && zoom <= 24;
  return fits ? [longitude, latitude, zoom] : null;
}

/** Write a view as it stands in the address: a metre and a hundredth of a zoom are enough. */
export function writeView([longitude, latitude, zoom]: View): string {
  return [longitude.toFixed(5), latitude.toFixed(5), zoom.toFixed(2)].join(",");
}

/** Put a view into the query of an address, and keep all else as it is written. */
export function withView(search: string, view: View): string {
  const kept = search
    .replace(/^\?/, "")
    .split("&")
    .filter((part) => part && part.split("=")[0] !== NAME);
  return `?${[...kept, `${NAME}=${writeView(view)}`].join("&")}`;
}

interface Navigation extends EventTarget {
  readonly currentEntry: unknown;
}

/**
 * Keeps the view in the address. Streamlit composes the address out of what it knows itself, so a write of Python's to
 * `st.query_params` drops what others put there: it is put back as soon as that is seen.
 */
export class Address {
  private view: View | null = null;
  private timer: number | undefined;
  private readonly path = window.location.pathname;
  private readonly navigation = (window as unknown as { navigation?: Navigation }).navigation;
  private readonly check = (): void => this.write();

  constructor() {
    this.navigation?.addEventListener("currententrychange", this.check);
  }

  /** Write the view once it has come to rest. */
  show(view: View): void {
    this.view = view;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(this.check, PAUSE_MS);
  }

  /** Write what is still to be written, and what somebody else has dropped. */
  write(): void {
    if (!this.view || window.location.pathname !== this.path) return;
    const search = withView(window.location.search, this.view);
    if (new URLSearchParams(window.location.search).get(NAME) === writeView(this.view)) return;
    window.history.replaceState(window.history.state, "", `${this.path}${search}${window.location.hash}`);
  }

  /** The view as it stands in the address, or will in a moment. */
  written(): string | null {
    return this.view ? writeView(this.view) : null;
  }

  remove(): void {
    window.clearTimeout(this.timer);
    this.navigation?.removeEventListener("currententrychange", this.check);
  }
}
