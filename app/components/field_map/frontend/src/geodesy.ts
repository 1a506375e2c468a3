/** Lengths and areas on the WGS84 ellipsoid, in metres and hectares. */

import type { Position } from "./spec";

const A = 6_378_137;
const F = 1 / 298.257_223_563;
const B = A * (1 - F);
const E2 = F * (2 - F);
const E = Math.sqrt(E2);
const RADIANS = Math.PI / 180;

/** Give the geodesic between two places (Vincenty); between places almost opposite each other, that of a sphere. */
export function distance([lon1, lat1]: Position, [lon2, lat2]: Position): number {
  const L = (lon2 - lon1) * RADIANS;
  const u1 = Math.atan((1 - F) * Math.tan(lat1 * RADIANS));
  const u2 = Math.atan((1 - F) * Math.tan(lat2 * RADIANS));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = L;
  for (let round = 0; round < 100; round++) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinSigma === 0) return 0;
    const cosSigma = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (c1 * c2 * sl) / sinSigma;
    const cos2Alpha = 1 - sinAlpha ** 2;
    const cosM = cos2Alpha === 0 ? 0 : cosSigma - (2 * s1 * s2) / cos2Alpha;
    const C = (F / 16) * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
    const before = lambda;
    lambda = L + (1 - C) * F * sinAlpha * (sigma + C * sinSigma * (cosM + C * cosSigma * (2 * cosM ** 2 - 1)));
    if (Math.abs(lambda - before) < 1e-12) {
      const k = (cos2Alpha * (A ** 2 - B ** 2)) / B ** 2;
      const P = 1 + (k / 16384) * (4096 + k * (-768 + k * (320 - 175 * k)));
      const Q = (k / 1024) * (256 + k * (-128 + k * (74 - 47 * k)));
      const inner = cosSigma * (2 * cosM ** 2 - 1) - (Q / 6) * cosM * (4 * sinSigma ** 2 - 3) * (4 * cosM ** 2 - 3);
      return B * P * (sigma - Q * sinSigma * (cosM + (Q / 4) * inner));
    }
  }
  const mean = (2 * A + B) / 3;
  return mean * Math.acos(Math.max(-1, Math.min(1, s1 * s2 + c1 * c2 * Math.cos(L))));
}

/** Give the length of a way. */
export function length(way: Position[]): number {
  return way.slice(1).reduce((sum, place, before) => sum + distance(way[before] as Position, place), 0);
}

/** Give the area within a ring (closed or not) in hectares, on the sphere of the ellipsoid's area. */
export function hectares(ring: Position[]): number {
  if (ring.length < 3) return 0;
  let sum = 0;
  for (let place = 0; place < ring.length; place++) {
    const [lon1, lat1] = ring[place] as Position;
    const [lon2, lat2] = ring[(place + 1) % ring.length] as Position;
    let turn = (lon2 - lon1) * RADIANS;
    if (turn > Math.PI) turn -= 2 * Math.PI;
    if (turn < -Math.PI) turn += 2 * Math.PI;
    const [one, two] = [Math.tan(authalic(lat1) / 2), Math.tan(authalic(lat2) / 2)];
    // The excess of the triangle with the pole, without loss for short sides (Karney 2013, 60).
    sum += 2 * Math.atan2(Math.tan(turn / 2) * (one + two), 1 + one * two);
  }
  return (Math.abs(sum) * RADIUS2) / 10_000;
}

function q(latitude: number): number {
  const s = Math.sin(latitude);
  return (1 - E2) * (s / (1 - E2 * s * s) + Math.atanh(E * s) / E);
}

const QP = q(Math.PI / 2);
/** The square of the radius of the sphere that has the ellipsoid's area. */
const RADIUS2 = (A ** 2 * QP) / 2;

function authalic(latitude: number): number {
  return Math.asin(Math.max(-1, Math.min(1, q(latitude * RADIANS) / QP)));
}

/** A round length that a bar of at most `most` pixels can show, and its pixels. */
export function scaleBar(metresPerPixel: number, most: number): { metres: number; pixels: number } {
  const longest = metresPerPixel * most;
  const power = 10 ** Math.floor(Math.log10(longest));
  const step = [5, 2, 1].find((each) => each * power <= longest) ?? 1;
  return { metres: step * power, pixels: (step * power) / metresPerPixel };
}

/** Metres that a pixel covers on a map whose world is 512 pixels wide at zoom 0. */
export function metresPerPixel(latitude: number, zoom: number): number {
  return (Math.cos(latitude * RADIANS) * 2 * Math.PI * A) / (512 * 2 ** zoom);
}
