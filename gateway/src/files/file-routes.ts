import {
  Conflict,
  Forbidden,
  MfaRequired,
  NotFound,
  RateLimited,
  ServiceUnavailable,
  Unauthenticated,
  UploadRejected,
} from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";
import { hasPermission, type Viewer } from "@weft/shared/viewer";
import type { Config, Keys } from "@weft/platform/config";
import { asTenant, type Databases } from "@weft/platform/db";
import { findPersonExport, recordPersonDownload } from "@weft/platform/erasure";
import type { WriteMeta } from "@weft/platform/events";
import {
  type FileClaims,
  fileKey,
  type FilePurpose,
  type FileRow,
  type FileStorage,
  findFile,
  isDrawable,
  previewKey,
  previewOf,
  previewPurposes,
  previewSizes,
  previewType,
  readFileToken,
  receiveUpload,
} from "@weft/platform/files";
import type { Logger } from "@weft/platform/logging";
import type { PubSub } from "@weft/platform/pubsub";
import type { Services } from "@weft/platform/services";
import { create as contentDisposition } from "content-disposition";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HttpRefusal } from "../http/refusal.js";
import { traceIdOf } from "../http/requests/request-id.js";
import type { Anonymous } from "../limits/anonymous.js";
import type { Metrics } from "../metrics.js";
import type { Authenticate } from "../viewer/authenticate.js";
import { requestedPart } from "./byte-range.js";
import { uploadSlots } from "./upload-slots.js";

export interface FileRoutesOptions {
  readonly config: Config;
  readonly keys: Keys;
  readonly log: Logger;
  readonly databases: Pick<Databases, "app">;
  readonly pubsub: PubSub;
  readonly keyring: Services["keyring"];
  readonly storage: FileStorage;
  readonly authenticate: Pick<Authenticate, "viewerOf">;
  readonly anonymous: Pick<Anonymous, "count">;
  readonly metrics: Pick<Metrics, "uploadsAre" | "uploadEnded">;
}

interface TokenRoute {
  readonly Params: { readonly token: string };
}

/**
 * The bytes of files: `PUT /files/uploads/<token>` and `GET /files/<token>`. The tokens are from `createUpload` and `File.url`. They name a session, whose
 * user must have the rights at the time of use.
 */
export function fileRoutes(app: FastifyInstance, options: FileRoutesOptions): void {
  void app.register(async (scope) => {
    // The bytes are not parsed. They are read as they are needed.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    uploadRoute(scope, options);
    downloadRoute(scope, options);
  });
}

function uploadRoute(app: FastifyInstance, options: FileRoutesOptions): void {
  const { config, databases, pubsub, log, storage, metrics } = options;
  const slots = uploadSlots(config.files.uploadsInFlight);
  app.put<TokenRoute>(
    "/files/uploads/:token",
    { bodyLimit: Number.MAX_SAFE_INTEGER, config: { hasLongBody: true } },
    async (request, reply) => {
      // Refusals end the connection, so that the rest of the bytes is not read.
      void reply.header("connection", "close").header("cache-control", "no-store");
      const { fileId, viewer } = await callerOf(request, options, ["upload"]);
      if (!hasPermission(viewer, "file.create")) throw new Forbidden("You need the permission file.create to upload files.");
      const encoding = request.headers["content-encoding"];
      if (encoding !== undefined && encoding !== "identity")
        throw new HttpRefusal(415, "Send the bytes of the file as they are, without a Content-Encoding.");
      const release = slots.take(viewer.tenantId);
      if (release === null) throw new RateLimited({ retryAfter: 5 }, "Too many uploads are running.");
      metrics.uploadsAre(slots.running());
      try {
        // Reading stops at a refusal, but the connection must stay open for the answer.
        const source = request.raw.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
        const services = { databases, pubsub, log, storage, files: config.files };
        const file = await receiveUpload(services, { viewer, meta: metaOf(request, viewer, options) }, { fileId, source });
        metrics.uploadEnded({ result: "stored", bytes: file.size });
        void reply.header("connection", "keep-alive");
        return await reply.send({
          id: encodeId("file", file.id),
          status: file.status,
          type: file.type,
          size: file.size,
          sha256: file.sha256,
        });
      } catch (error) {
        metrics.uploadEnded({ result: error instanceof UploadRejected ? "rejected" : "failed", bytes: 0 });
        if (request.raw.destroyed && !request.raw.complete) throw new HttpRefusal(400, "The transfer was cut. Send the bytes again.");
        throw error;
      } finally {
        release();
        metrics.uploadsAre(slots.running());
      }
    },
  );
}

function downloadRoute(app: FastifyInstance, options: FileRoutesOptions): void {
  const { databases, storage } = options;
  const handler = async (request: FastifyRequest<TokenRoute>, reply: FastifyReply): Promise<FastifyReply> => {
    const { fileId, purpose, viewer } = await callerOf(request, options, ["download", "view", ...Object.values(previewPurposes)]);
    const { file, exportId } = await asTenant(databases.app, viewer, "read", async (tx) => {
      const found = await findFile(tx, viewer, fileId);
      return { file: found, exportId: found && (await findPersonExport(tx, found)) };
    });
    if (file?.status === "SCANNING")
      throw new Conflict("The file is not available until it has been scanned for malware. Try again in a moment.");
    const content = file?.status === "STORED" ? contentOf(file, purpose) : null;
    if (content === null) throw new NotFound("File", encodeId("file", fileId));
    describe(reply, content);
    if (request.headers["if-none-match"] === content.etag) return reply.code(304).send();
    const isSameVersion = [undefined, content.etag].includes(request.headers["if-range"] as string | undefined);
    const part = isSameVersion ? requestedPart(request.headers.range, content.size) : null;
    if (part === "unsatisfiable") {
      void reply.header("content-range", `bytes */${content.size}`);
      throw new HttpRefusal(416, `The file has ${content.size} bytes.`);
    }
    void reply.header("content-length", part ? part.end - part.start + 1 : content.size);
    if (part) void reply.code(206).header("content-range", `bytes ${part.start}-${part.end}/${content.size}`);
    if (request.method === "HEAD") return reply.send();
    // Before the first byte, and for each part: whoever reads parts could skip the first one.
    if (exportId !== null)
      await asTenant(databases.app, viewer, "write", (tx) => recordPersonDownload(tx, metaOf(request, viewer, options), exportId));
    const bytes = await storage.read(content.key, part ?? undefined);
    if (bytes === null) throw new ServiceUnavailable("file storage", new Error(`The bytes of the file ${fileId} are missing.`));
    return reply.send(bytes);
  };
  // Compressing would change the length, and what a range is part of.
  app.route<TokenRoute>({ method: ["GET", "HEAD"], url: "/files/:token", compress: false, handler });
}

/** What a link leads to. */
interface Content {
  readonly key: string;
  readonly name: string;
  readonly type: string;
  /** Number of bytes. */
  readonly size: number;
  readonly etag: string;
  /** Whether browsers may show it inside a page. */
  readonly isInline: boolean;
}

/** Returns what a link leads to. Null if there is no such preview. */
function contentOf(file: FileRow, purpose: FilePurpose): Content | null {
  const { name, size, sha256 } = file;
  const wanted = previewSizes.find((each) => previewPurposes[each] === purpose);
  if (wanted === undefined) {
    const type = file.type ?? "application/octet-stream";
    return { key: fileKey(file), name, type, size, etag: `"${sha256}"`, isInline: purpose === "view" && isDrawable(type) };
  }
  const preview = previewOf(file, wanted);
  if (preview === null) return null;
  return {
    key: previewKey(file, preview.size),
    name: `${name}.webp`,
    type: previewType,
    size: preview.bytes,
    etag: `"${sha256}.${preview.size.toLowerCase()}"`,
    isInline: true,
  };
}

/** Headers that describe the content, and that keep browsers from running anything in it. */
function describe(reply: FastifyReply, { name, type, etag, isInline }: Content): void {
  void reply
    .header("content-type", type.startsWith("text/") ? `${type}; charset=utf-8` : type)
    .header("content-disposition", contentDisposition(name, { type: isInline ? "inline" : "attachment" }))
    .header("content-security-policy", "default-src 'none'; sandbox; base-uri 'none'; frame-ancestors 'none'")
    // The link is the permission: applications of other origins can show images by it.
    .header("cross-origin-resource-policy", "cross-origin")
    .header("accept-ranges", "bytes")
    .header("etag", etag)
    // Browsers can keep it, but must ask each time, because rights can change.
    .header("cache-control", "private, no-cache");
}

type Caller = Pick<FileClaims, "fileId" | "purpose"> & { readonly viewer: Viewer };

/** Returns the user who asked for the link, with their current rights. @throws Unauthenticated, TenantSuspended, RateLimited */
async function callerOf(
  request: FastifyRequest<TokenRoute>,
  { keys, authenticate, anonymous }: FileRoutesOptions,
  purposes: readonly FilePurpose[],
): Promise<Caller> {
  const claims = readFileToken(keys.refresh, request.params.token);
  if (claims === null || !purposes.includes(claims.purpose)) {
    await anonymous.count(request.ip, request.url.length);
    throw new Unauthenticated("The link is not valid.");
  }
  if (claims.expiresAt * 1_000 <= Date.now()) throw new Unauthenticated("The link has expired. Ask for a new one.");
  const { viewer } = await authenticate.viewerOf(claims, request.ip);
  if (viewer.isRestricted) throw new MfaRequired();
  return { fileId: claims.fileId, purpose: claims.purpose, viewer };
}

const metaOf = (request: FastifyRequest, viewer: Viewer, { keyring }: FileRoutesOptions): WriteMeta => ({
  tenantId: viewer.tenantId,
  actorId: viewer.userId,
  onBehalfOf: null,
  sessionId: viewer.sessionId,
  requestId: request.id,
  address: request.ip,
  traceId: traceIdOf(request.headers["traceparent"]),
  keyring,
});
