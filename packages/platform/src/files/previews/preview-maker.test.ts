import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import { photo } from "@weft/testkit/files/photo";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { ServiceUnavailable } from "@weft/shared/errors";
import { type MadePreview, previewMaker } from "./preview-maker.js";

const maker = previewMaker();
afterAll(() => maker.close());

const made = (bytes: Uint8Array, type: string) => maker.make(Readable.from([bytes]), type);

async function previewsOf(bytes: Uint8Array, type: string): Promise<readonly MadePreview[]> {
  const result = await made(bytes, type);
  if ("reason" in result) throw new Error(result.reason);
  return result.previews;
}

const canvas = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: "#204080" } });

/** A PNG with a header that announces these properties. Its data end early. */
async function pngOf({ width, height, isInterlaced = false }: { width: number; height: number; isInterlaced?: boolean }): Promise<Buffer> {
  const png = await canvas(10, 10).png().toBuffer();
  png.writeUInt32BE(width, 16);
  png.writeUInt32BE(height, 20);
  png.writeUInt8(Number(isInterlaced), 28);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  return png;
}

/** Color of a pixel, as red, green and blue. */
async function colorAt({ bytes }: MadePreview, left: number, top: number): Promise<number[]> {
  const pixel = sharp(bytes).extract({ left, top, width: 1, height: 1 });
  return [...(await pixel.removeAlpha().raw().toBuffer())];
}

describe("a photo", () => {
  test("is turned upright", async () => {
    const [small, medium] = await previewsOf(photo, "image/jpeg");
    expect(small).toMatchObject({ size: "SMALL", width: 107, height: 160 });
    expect(medium).toMatchObject({ size: "MEDIUM", width: 200, height: 300 });
    if (!medium) throw new Error("There is no medium preview.");
    const [above, below] = [await colorAt(medium, 100, 50), await colorAt(medium, 100, 250)];
    expect(above[0]).toBeGreaterThan(200);
    expect(above[2]).toBeLessThan(60);
    expect(below[0]).toBeLessThan(60);
    expect(below[2]).toBeGreaterThan(200);
  });

  test("loses the place where it was taken, and all other metadata", async () => {
    expect(photo.includes("Weft Phone")).toBe(true);
    const previews = await previewsOf(photo, "image/jpeg");
    expect(previews).toHaveLength(2);
    for (const { bytes, width, height } of previews) {
      const metadata = await sharp(bytes).metadata();
      expect(metadata).toMatchObject({ format: "webp", width, height });
      expect([metadata.exif, metadata.icc, metadata.xmp, metadata.iptc, metadata.orientation]).toEqual(Array(5).fill(undefined));
      expect(bytes.includes("EXIF")).toBe(false);
      expect(bytes.includes("Weft Phone")).toBe(false);
    }
  });
});

test.each([
  ["image/png", () => canvas(2_000, 1_000).png().toBuffer()],
  ["image/webp", () => canvas(2_000, 1_000).webp({ effort: 0 }).toBuffer()],
  ["image/gif", () => canvas(2_000, 1_000).gif({ effort: 1 }).toBuffer()],
  ["image/avif", () => canvas(2_000, 1_000).avif({ effort: 0 }).toBuffer()],
])("a large %s has previews of all sizes, in its proportions", { tags: "slow" }, async (type, encoded) => {
  const previews = await previewsOf(await encoded(), type);
  expect(previews.map(({ size, width, height }) => [size, width, height])).toEqual([
    ["SMALL", 160, 80],
    ["MEDIUM", 640, 320],
    ["LARGE", 1_600, 800],
  ]);
});

test("a small image is not enlarged, and has no larger previews", async () => {
  const previews = await previewsOf(await canvas(40, 30).png().toBuffer(), "image/png");
  expect(previews).toMatchObject([{ size: "SMALL", width: 40, height: 30 }]);
});

describe("there are no previews", () => {
  test("of a small file that decodes to an enormous image", async () => {
    const bomb = await pngOf({ width: 10_001, height: 10_000 });
    expect(await made(bomb, "image/png")).toEqual({ reason: "Input image exceeds pixel limit" });
  });

  test("of an image that a decoder would have to hold as a whole, and that is too large for that", async () => {
    const held = await pngOf({ width: 6_000, height: 5_000, isInterlaced: true });
    expect(await made(held, "image/png")).toEqual({ reason: "The image has 6000 × 5000 pixels. At most 25000000 are decoded." });
  });

  test("of a broken image", { tags: "slow" }, async () => {
    const cut = photo.subarray(0, photo.byteLength - 300);
    const scrambled = Buffer.concat([photo.subarray(0, 400), Buffer.alloc(2_000, 7)]);
    for (const broken of [cut, scrambled, Buffer.alloc(100), Buffer.alloc(0)])
      expect(await made(broken, "image/jpeg")).toEqual({ reason: expect.any(String) as string });
  });

  test("of an image of another type than it was found to have, such as a drawing with links", { tags: "slow" }, async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="5" height="5"/></svg>');
    expect(await made(svg, "image/png")).toEqual({ reason: "Input buffer contains unsupported image format" });
    expect(await made(photo, "image/png")).toEqual({ reason: "Input buffer contains unsupported image format" });
    expect(await made(svg, "image/svg+xml")).toEqual({ reason: "There are no previews of the type image/svg+xml." });
  });
});

test("a storage that fails in the middle of an image is not taken for a broken image", async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield photo.subarray(0, 500);
    throw new ServiceUnavailable("file storage");
  }
  await expect(maker.make(Readable.from(failing()), "image/jpeg")).rejects.toThrow("file storage is temporarily unavailable");
});

test("a process that runs ends when the maker is closed", async () => {
  const closing = previewMaker();
  const never = new Readable({ read: () => undefined });
  const running = closing.make(never, "image/jpeg");
  closing.close();
  await expect(running).rejects.toThrow(ServiceUnavailable);
  expect(never.destroyed).toBe(true);
});
