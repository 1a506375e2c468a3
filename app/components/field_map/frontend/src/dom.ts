/** Elements, made without HTML: what comes from data is always text. */

type Attributes = Record<string, string | number | boolean | undefined>;

/** Make an element with attributes (`false` and `undefined` are left out) and children; strings become text. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** Make a button that shows a sign and is named by a text. */
export function button(icon: string, label: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = el("button", { type: "button", "aria-label": label, title: label, ...attributes }, sign(icon));
  made.addEventListener("click", act);
  return made;
}

/** Make a button that shows its text. */
export function textButton(label: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = el("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/** Draw a sign of 24 × 24 from the outlines of `icons.ts`; screen readers pass over it. */
export function sign(path: string): SVGSVGElement {
  const drawing = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "sign" });
  drawing.append(svg("path", { d: path }));
  return drawing;
}

export function svg<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  return made;
}

/** Say `text` in an element, without touching it where it says so already (a live region would be read again). */
export function say(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}
