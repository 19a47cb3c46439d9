import { HttpRefusal } from "../http/refusal.js";

/** The supergraph that is served now no longer has a variant that was served at the start of the process. */
export class VariantAbsent extends HttpRefusal {
  constructor() {
    super(404, "This part of the API no longer exists. The complete API is at /graphql.");
  }
}
