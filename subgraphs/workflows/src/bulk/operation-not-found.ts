import { NotFound, encodeId } from "@weft/shared";

export const operationNotFound = (id: string): NotFound => new NotFound("BulkOperation", encodeId("bulkOperation", id));
