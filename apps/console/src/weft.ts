import { createWeftClient } from "@weft/client";

/** The client of the whole application. The session is in cookies, which no script can read. */
export const weft = createWeftClient({ url: location.origin, name: "weft-console", session: "cookies" });
