/** Whether shapes on the screen meet. */

export interface Point {
  x: number;
  y: number;
}

/** Tell whether a point lies within a ring (even-odd). */
export function inside(point: Point, ring: Point[]): boolean {
  let within = false;
  for (let one = 0, two = ring.length - 1; one < ring.length; two = one++) {
    const [a, b] = [ring[one] as Point, ring[two] as Point];
    if (a.y > point.y !== b.y > point.y && point.x < ((b.x - a.x) * (point.y - a.y)) / (b.y - a.y) + a.x) within = !within;
  }
  return within;
}

function turn(a: Point, b: Point, c: Point): number {
  return Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));
}

function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  return turn(a, b, c) !== turn(a, b, d) && turn(c, d, a) !== turn(c, d, b);
}

/** Tell whether a drawn ring meets a shape: rings of a polygon (`closed`), lines, or single points. */
export function meets(drawn: Point[], shape: { parts: Point[][]; closed: boolean }): boolean {
  for (const part of shape.parts) {
    if (part.some((point) => inside(point, drawn))) return true;
    const edges = shape.closed ? part.length : part.length - 1;
    for (let place = 0; place < edges; place++) {
      const [a, b] = [part[place] as Point, part[(place + 1) % part.length] as Point];
      for (let other = 0; other < drawn.length; other++) {
        if (cross(a, b, drawn[other] as Point, drawn[(other + 1) % drawn.length] as Point)) return true;
      }
    }
  }
  // Drawn wholly within a polygon, and not within one of its holes.
  const first = drawn[0];
  if (!shape.closed || !first) return false;
  return shape.parts.filter((ring) => inside(first, ring)).length % 2 === 1;
}
