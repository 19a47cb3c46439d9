/** A step type of this application: creates an invoice in its billing system. */
import { defineStep, failure, type HostStep } from "@weft/standalone";

export interface Invoice {
  readonly number: string;
  readonly customer: string;
  readonly cents: number;
}

/** The application's own code. An invoice with a known key is not created again. */
export interface Billing {
  create(invoice: Omit<Invoice, "number">, key: string): Promise<Invoice>;
}

export const createInvoice = (billing: Billing): HostStep =>
  defineStep({
    name: "create_invoice",
    description: "Creates an invoice in the billing system.",
    input: {
      required: ["customer", "cents"],
      properties: {
        customer: { type: "string", minLength: 1, maxLength: 100 },
        cents: { type: "integer", description: "Amount." },
      },
    },
    outputs: { properties: { number: { type: "string" } } },
    async perform(input, { idempotencyKey, log }) {
      // The schema has been checked.
      const { customer, cents } = input as { readonly customer: string; readonly cents: number };
      if (cents <= 0) return failure("AMOUNT_INVALID", `An invoice of ${cents} cents cannot be created.`, true);
      // Every attempt of a step has the same key, so that a repeated attempt does not create a second invoice.
      const { number } = await billing.create({ customer, cents }, idempotencyKey);
      log("system", `Created invoice ${number}.`);
      return { kind: "succeeded", outputs: { number } };
    },
  });
