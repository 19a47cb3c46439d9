import { createWeftClient } from "@weft/client";

/** The client of the whole application. It keeps the session in `localStorage`, so that it outlives a reload and all tabs share it. */
export const weft = createWeftClient({ url: import.meta.env.VITE_WEFT_URL });
