import { createWeftClient } from "@weft/client";

/** Its session is kept in localStorage, so it outlives a reload, and all tabs share it. */
export const weft = createWeftClient({ url: import.meta.env.VITE_WEFT_URL ?? "http://127.0.0.1:4000" });
