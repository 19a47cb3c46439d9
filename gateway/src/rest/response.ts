import { createHash } from "node:crypto";
import { identified } from "@weft/shared/errors";
import type { GraphQLFormattedError } from "graphql";
import type { OperationResult } from "../executor.js";
import { statusOf } from "../http/answer.js";
import type { RestRoute } from "./route.js";
import type { Json } from "./source-bodies.js";

/** A response that is ready to be sent. */
export interface RestResponse {
  readonly status: number;
  /** Undefined: none. */
  readonly body: Json | undefined;
  /** Path below `/api/v1` of an object that was created. */
  readonly location?: string | undefined;
  /** Version of the object in the body. */
  readonly version?: number | undefined;
  /** The first failure of a part that is null for it. Something has changed nevertheless. */
  readonly failure?: GraphQLFormattedError | undefined;
  /** Cursors of the pages before and after the one in the body. */
  readonly pages?: { readonly before: string | undefined; readonly after: string | undefined };
}

export interface RestFailure {
  readonly status: number;
  readonly error: GraphQLFormattedError;
  /** Whether it was refused before it was executed. */
  readonly isBeforeExecution?: true;
  /** Whether the request was refused, and no operation executed to its end. */
  readonly isRefused?: true;
}

interface Page {
  readonly edges: readonly { readonly node: unknown }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount?: number;
}

/** What hides a field from a caller who may see the rest. */
const hiding: ReadonlySet<unknown> = new Set(["FORBIDDEN", "NOT_FOUND"]);
const notFound = (requestId: string): GraphQLFormattedError => ({
  message: "There is nothing here, or you cannot see it.",
  extensions: identified("NOT_FOUND", requestId),
});

/**
 * Returns the response for the result of an operation. Fields that the caller may not see are null. Anything else that fails fails the whole request,
 * unless it changed something.
 */
export function responseOf(route: RestRoute, { data, errors = [] }: OperationResult, requestId: string): RestResponse | RestFailure {
  const { operation, adapter, location } = route;
  const { row, kind, result } = operation;
  const value = resultIn(operation, data) ?? null;
  const [error] = errors;
  if (error && value === null) return { status: statusOf(error), error };
  const failed = kind === "query" ? errors.find(({ extensions }) => !hiding.has(extensions?.["code"])) : undefined;
  if (failed) return { status: statusOf(failed), error: failed };
  if (value === null) return { status: 404, error: notFound(requestId) };
  if (result.kind === "page") return pageResponse(value as Page);
  if (result.kind === "items") return { status: 200, body: { items: value } };
  if (result.kind === "nothing") return { status: 204, body: undefined };
  const shown = (result.field === undefined ? value : (value as Json)[result.field]) as Json | null;
  if (shown === null) return { status: 204, body: undefined };
  const status = row.action === "create" ? 201 : 200;
  const created = location === undefined || row.action !== "create" ? undefined : idOf(shown);
  return {
    status,
    body: adapter.output?.(shown) ?? shown,
    failure: errors.find(({ extensions }) => !hiding.has(extensions?.["code"])),
    version: typeof shown["version"] === "number" ? shown["version"] : undefined,
    ...(created !== undefined && location !== undefined && { location: location.replace(":id", encodeURIComponent(created)) }),
  };
}

/** Returns the result of an operation in its data. */
export const resultIn = ({ row, within }: RestRoute["operation"], data: OperationResult["data"]): unknown => {
  const value = data?.[row.operation];
  return within ? (value as Json | null | undefined)?.[within.name] : value;
};

function pageResponse({ edges, pageInfo, totalCount }: Page): RestResponse {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo;
  return {
    status: 200,
    body: { items: edges.map(({ node }) => node), pageInfo, ...(totalCount !== undefined && { totalCount }) },
    pages: { before: hasPreviousPage ? (startCursor ?? undefined) : undefined, after: hasNextPage ? (endCursor ?? undefined) : undefined },
  };
}

/** Returns the ID of what was created: of the body, or of the object in it. */
function idOf(body: Json): string | undefined {
  const own = body["id"] ?? Object.entries(body).find(([name, value]) => name.endsWith("Id") && typeof value === "string")?.[1];
  if (typeof own === "string") return own;
  const inner = Object.values(body).find(
    (value): value is Json => typeof value === "object" && value !== null && typeof (value as Json)["id"] === "string",
  );
  return inner && String(inner["id"]);
}

/** Whether `If-None-Match` (RFC 9110) names the entity tag. */
export const namesTag = (ifNoneMatch: string, tag: string): boolean =>
  ifNoneMatch === "*" || ifNoneMatch.split(",").some((one) => one.trim().replace(/^W\//, "") === tag.replace(/^W\//, ""));

/** Returns the entity tag of an encoded body. It is weak, because a body is sent with and without compression. It begins with the version of the object, which `If-Match` compares; the rest changes with any other part of the body. */
export const entityTagOf = (encoded: Buffer, version: number | undefined): string =>
  `W/"${version ?? ""}-${createHash("sha256").update(encoded).digest("base64url").slice(0, 16)}"`;

/**
 * Returns the value of `Link` (RFC 8288) for the pages around one.
 * @param target path and query of the request
 */
export function linksOf(target: string, { before, after }: NonNullable<RestResponse["pages"]>): string | undefined {
  const mark = target.indexOf("?");
  const [path, search] = mark < 0 ? [target, ""] : [target.slice(0, mark), target.slice(mark + 1)];
  const linkTo = (relation: string, cursor: { readonly after: string } | { readonly before: string }): string => {
    const query = new URLSearchParams(search);
    const size = query.get("first") ?? query.get("last");
    for (const name of ["first", "last", "after", "before"]) query.delete(name);
    for (const [name, value] of Object.entries(cursor)) query.set(name, value);
    // A page before a cursor is counted from its end.
    if ("before" in cursor) query.set("last", size ?? String(defaultPage));
    else if (size !== null) query.set("first", size);
    return `<${path}?${query.toString()}>; rel="${relation}"`;
  };
  const links = [
    ...(before === undefined ? [] : [linkTo("prev", { before })]),
    ...(after === undefined ? [] : [linkTo("next", { after })]),
  ];
  return links.length === 0 ? undefined : links.join(", ");
}

/** Size of a page before a cursor if the request names none. */
const defaultPage = 20;
