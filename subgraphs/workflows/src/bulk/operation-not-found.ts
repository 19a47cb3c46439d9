import { NotFound } from "@weft/shared/errors";
import { encodeId } from "@weft/shared/ids";

export const operationNotFound = (id: string): NotFound => new NotFound("BulkOperation", encodeId("bulkOperation", id));
