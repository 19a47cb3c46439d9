import { createContext, useContext } from "react";

/** ID of the user. Null while it is loaded. */
export const ViewerContext = createContext<string | null>(null);

export const useViewerId = (): string | null => useContext(ViewerContext);
