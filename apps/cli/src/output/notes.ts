import type { Note } from "@weft/engine";

/** A note as results contain it. */
export const noteOutput = ({ path, message, line, column }: Note) => ({ path, message, ...(line && { line }), ...(column && { column }) });
