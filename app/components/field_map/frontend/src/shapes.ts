/** Whether shapes on the screen meet. */

export interface Point {
  x: number;
  y: number;
}

/** The rings of a polygon (`closed`), lines, or single points. */
export interface Shape {
  parts: Point[][];
  closed: boolean;
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

function crossing(a: Point, b: Point, c: Point, d: Point): Point {
  const across = (b.x - a.x) * (d.y - c.y) - (b.y - a.y) * (d.x - c.x);
  const share = ((c.x - a.x) * (d.y - c.y) - (c.y - a.y) * (d.x - c.x)) / across;
  return { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) };
}

/**
 * Tell whether a drawn ring meets a shape: rings of a polygon (`closed`), lines, or single points. `seen` tells of a
 * place whether the shape is seen there: everywhere, or on one side of a line.
 */
export function meets(drawn: Point[], shape: Shape, seen: (point: Point) => boolean = () => true): boolean {
  for (const part of shape.parts) {
    if (part.some((point) => seen(point) && inside(point, drawn))) return true;
    const edges = shape.closed ? part.length : part.length - 1;
    for (let place = 0; place < edges; place++) {
      const [a, b] = [part[place] as Point, part[(place + 1) % part.length] as Point];
      for (let other = 0; other < drawn.length; other++) {
        const [c, d] = [drawn[other] as Point, drawn[(other + 1) % drawn.length] as Point];
        if (cross(a, b, c, d) && seen(crossing(a, b, c, d))) return true;
      }
    }
  }
  // Drawn wholly within what is seen of a polygon, and not within one of its holes.
  return shape.closed && drawn.some((point) => seen(point) && shape.parts.filter((ring) => inside(point, ring)).length % 2 === 1);
}
