import jsQr from "jsqr";

/** Pixels per module of the QR code. */
const SCALE = 4;

/** Returns the text of the QR codes on a label or a sheet of labels, which are SVG images, in their order. Fails if one of them cannot be read. */
export function scanLabels(svg: string): string[] {
  return [...svg.matchAll(/<path [^>]*\bd="([^"]*)"/g)].map(([, path = ""]) => scan(path));
}

/** Draws the rectangles of a path (`M<x> <y>h<width>v1h-<width>z`), and reads the result as a camera's picture. */
function scan(path: string): string {
  const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)].map(([whole, x, y, width]) => ({
    whole,
    x: Number(x),
    y: Number(y),
    width: Number(width),
  }));
  if (runs.map(({ whole }) => whole).join("") !== path) throw new Error(`The path of the QR code has other parts than rectangles: ${path}`);
  // The quiet zone on the right and below is as wide as the one on the left and above.
  const quiet = Math.min(...runs.map(({ x }) => x));
  const size = (Math.max(...runs.map(({ x, width }) => x + width)) + quiet) * SCALE;
  const pixels = new Uint8ClampedArray(size * size * 4).fill(255);
  for (const { x, y, width } of runs) {
    for (let row = y * SCALE; row < (y + 1) * SCALE; row++) {
      for (let column = x * SCALE; column < (x + width) * SCALE; column++)
        pixels.fill(0, (row * size + column) * 4, (row * size + column) * 4 + 3);
    }
  }
  const found = jsQr.default(pixels, size, size);
  if (found === null) throw new Error("The QR code cannot be read.");
  return found.data;
}
