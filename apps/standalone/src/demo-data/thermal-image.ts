import { crc32, deflateSync } from "node:zlib";

/** A warm spot: its center and its size as shares of the picture, and its heat from 0 to 1. */
export interface WarmSpot {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly heat: number;
}

const [width, height] = [480, 360];

/** Colors of a thermal camera, from cold to hot. */
const palette: readonly (readonly [red: number, green: number, blue: number])[] = [
  [13, 8, 60],
  [92, 18, 126],
  [196, 44, 96],
  [245, 125, 21],
  [252, 222, 96],
];

/** Draws what a thermal camera shows, as a PNG. */
export function thermalImage(spots: readonly WarmSpot[]): Uint8Array<ArrayBuffer> {
  const rows = Array.from({ length: height }, (_, y) => {
    const colors = Array.from({ length: width }, (__, x) => colorOf(heatAt(spots, x / width, y / height)));
    // Each row begins with its filter, which is none.
    return [0, ...colors.flat()];
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits for each of red, green and blue.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const chunks = [chunk("IHDR", header), chunk("IDAT", deflateSync(Buffer.from(rows.flat()))), chunk("IEND", Buffer.alloc(0))];
  return new Uint8Array(Buffer.concat([signature, ...chunks]));
}

/** The background is cool, and a little warmer at the top. */
const heatAt = (spots: readonly WarmSpot[], x: number, y: number): number =>
  spots.reduce(
    (sum, spot) => sum + spot.heat * Math.exp(-((x - spot.x) ** 2 + ((y - spot.y) * 0.75) ** 2) / spot.size ** 2),
    0.12 + 0.1 * (1 - y),
  );

function colorOf(heat: number): number[] {
  const place = Math.min(Math.max(heat, 0), 0.999) * (palette.length - 1);
  const [from, to] = [palette[Math.floor(place)] ?? [0, 0, 0], palette[Math.floor(place) + 1] ?? [0, 0, 0]];
  return from.map((value, index) => Math.round(value + ((to[index] ?? value) - value) * (place % 1)));
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, check]);
}
