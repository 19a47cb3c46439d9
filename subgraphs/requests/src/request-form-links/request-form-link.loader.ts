import { type RowLoader, rowLoader } from "@weft/api/context";
import { findRequestFormLinks } from "./request-form-link.store.js";
import { type RequestFormLink, toRequestFormLink } from "./request-form-link.type.js";

/** Loads request form links by UUID, batched per request. Null for links that the viewer cannot see. */
export const requestFormLinkLoader: RowLoader<RequestFormLink> = rowLoader("requestFormLink", findRequestFormLinks, toRequestFormLink);
