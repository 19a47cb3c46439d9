import { type RowLoader, rowLoader } from "@weft/api/context";
import { findRequestTypes } from "./request-type.store.js";
import { type RequestType, toRequestType } from "./request-type.type.js";

/** Loads request types by UUID, batched per request. Null for request types that the viewer cannot see. */
export const requestTypeLoader: RowLoader<RequestType> = rowLoader("requestType", findRequestTypes, toRequestType);
