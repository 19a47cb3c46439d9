import { WebSocket } from "ws";

/** Cookies of a browser, by name. */
export type Jar = Map<string, string>;

export interface Sending {
  readonly jar?: Jar;
  readonly body?: unknown;
  readonly method?: string;
  /** Undefined removes a header. */
  readonly headers?: Record<string, string | undefined>;
}

/** A page that calls Weft. */
export interface CallingPage {
  readonly url: string;
  readonly origin: string;
}

/** Sends a request as a page of this origin does, and keeps the cookies of the response. */
export async function sendAsPage(
  { url, origin }: CallingPage,
  path: string,
  { jar = new Map(), body, method = "POST", headers = {} }: Sending = {},
): Promise<Response> {
  const all = {
    origin,
    "apollo-require-preflight": "1",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(jar.size > 0 && { cookie: cookieOf(jar) }),
    ...headers,
  };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(new URL(path, url), { method, headers: sent, ...(body !== undefined && { body: JSON.stringify(body) }) });
  for (const cookie of response.headers.getSetCookie()) {
    const [pair = "", ...attributes] = cookie.split("; ");
    const [name = "", value = ""] = pair.split("=");
    if (attributes.includes("Max-Age=0")) jar.delete(name);
    else jar.set(name, value);
  }
  return response;
}

/** Asks the API who the page is. Returns the user's ID, or the code of the error. */
export async function askAsPage(page: CallingPage, sending: Sending): Promise<string> {
  const response = await sendAsPage(page, "/graphql", { body: { query: "{ me { id } }" }, ...sending });
  const { data, errors } = (await response.json()) as {
    data?: { me: { id: string } | null } | null;
    errors?: { extensions?: { code?: string } }[];
  };
  return errors?.[0]?.extensions?.code ?? data?.me?.id ?? "nobody";
}

export const cookieOf = (jar: Jar): string => [...jar].map(([name, value]) => `${name}=${value}`).join("; ");

/** Opens a socket with these headers. Resolves with "connected" or the reason for the refusal; later closes are in `closed`. */
export async function openSocket(url: string, headers: Record<string, string>, payload?: object) {
  const socket = new WebSocket(new URL("/graphql", url.replace(/^http/, "ws")), "graphql-transport-ws", { headers });
  const closed = new Promise<number>((resolve) => socket.once("close", (code) => resolve(code)));
  const outcome = await new Promise<string>((resolve) => {
    socket.once("open", () => socket.send(JSON.stringify({ type: "connection_init", ...(payload && { payload }) })));
    socket.once("message", () => resolve("connected"));
    socket.once("close", (code) => resolve(String(code)));
    socket.once("error", (error) => resolve(error.message));
  });
  return { outcome, closed, stop: () => socket.close() };
}
