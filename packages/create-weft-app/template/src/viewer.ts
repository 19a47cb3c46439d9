import { createContext, use } from "react";

/** ID of the user who is logged in, from the query of the frame. Null until it is loaded. */
export const ViewerContext = createContext<string | null>(null);

export const useViewerId = (): string | null => use(ViewerContext);
