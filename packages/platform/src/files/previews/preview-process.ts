/**
 * Makes the previews of one image, in a process of its own: images are hostile input to native code. An image that crashes a decoder, or makes it
 * hang, ends this process only. It has no environment, and thus no secrets.
 *
 * Reads the image from the standard input, and writes the previews as JSON to the standard output (`MadePreview`, with the bytes in base64).
 * Argument: `PreviewTask` as JSON. A failure is a message on the standard error output, and an exit code other than 0.
 */
import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { buffer } from "node:stream/consumers";
import { setInterval } from "node:timers";
import sharp, { type Metadata, type Sharp } from "sharp";

export interface PreviewTask {
  /** Media type of the image. */
  readonly type: string;
  /** Names of the sizes with their largest width and height in pixels, smallest first. */
  readonly sizes: readonly (readonly [name: string, pixels: number])[];
}

/** Decoders by media type, as libvips calls them. All others are blocked, whatever the content claims to be. */
const decoders: Readonly<Record<string, string>> = {
  "image/jpeg": "VipsForeignLoadJpeg",
  "image/png": "VipsForeignLoadPng",
  "image/gif": "VipsForeignLoadNsgif",
  "image/webp": "VipsForeignLoadWebp",
  "image/avif": "VipsForeignLoadHeif",
};

/** Pixels of images that are decoded line by line. */
const maxPixels = 100_000_000;
/** Pixels of images that a decoder holds as a whole: at most some 300 MB. */
const maxPixelsHeld = 25_000_000;
const maxPixelsOfAvif = 12_500_000;

/** Processor time, in milliseconds, after which the process ends itself. Time on the clock would depend on the load of the machine. */
const maxProcessorTimeMs = 15_000;

async function main({ type, sizes }: PreviewTask): Promise<void> {
  yieldToOthers();
  limitProcessorTime();
  const decoder = decoders[type];
  if (decoder === undefined) throw new Error(`There are no previews of the type ${type}.`);
  sharp.concurrency(1);
  sharp.cache(false);
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: [decoder] });
  const previews = await previewsOf(await buffer(process.stdin), sizes);
  process.stdout.write(JSON.stringify(previews));
}

async function previewsOf(bytes: Buffer, sizes: PreviewTask["sizes"]) {
  const image = sharp(bytes, { limitInputPixels: maxPixels, sequentialRead: true, failOn: "error" });
  assertFits(await image.metadata());
  // Only the pixels are passed on: no metadata, such as the place where a photo was taken, reaches a preview.
  const { data, info } = await inside(image.autoOrient(), Math.max(...sizes.map(([, pixels]) => pixels)))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const previews = [];
  for (const [size, pixels] of sizes) {
    previews.push(await encoded(inside(sharp(data, { raw: { width, height, channels } }), pixels), size));
    // The larger ones would be the same.
    if (Math.max(width, height) <= pixels) break;
  }
  return previews;
}

const inside = (image: Sharp, pixels: number): Sharp =>
  image.resize({ width: pixels, height: pixels, fit: "inside", withoutEnlargement: true });

async function encoded(image: Sharp, size: string) {
  const { data, info } = await image.webp({ quality: 75, effort: 3 }).toBuffer({ resolveWithObject: true });
  return { size, width: info.width, height: info.height, bytes: data.toString("base64") };
}

function assertFits({ format, width, height, isProgressive }: Metadata): void {
  const isReadByLine = (format === "jpeg" || format === "png") && !isProgressive;
  const allowed = isReadByLine ? maxPixels : format === "heif" ? maxPixelsOfAvif : maxPixelsHeld;
  if (width * height > allowed) throw new Error(`The image has ${width} × ${height} pixels. At most ${allowed} are decoded.`);
}

/** If the machine is short of memory or processor time, this process goes first. */
function yieldToOthers(): void {
  setPriority(10);
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Not on Linux.
  }
}

function limitProcessorTime(): void {
  const check = (): void => {
    const { user, system } = process.cpuUsage();
    // A normal exit would wait for the decoder.
    if ((user + system) / 1_000 > maxProcessorTimeMs) process.kill(process.pid, "SIGKILL");
  };
  setInterval(check, 100).unref();
}

try {
  await main(JSON.parse(process.argv[2] ?? "") as PreviewTask);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
