import { boolean, pgSchema, text, uuid } from "drizzle-orm/pg-core";
import { expect, test } from "vitest";
import { facts } from "./facts.js";
import { tenantId } from "./tables/columns.js";

const notes = pgSchema("app").table("notes", {
  tenantId: tenantId(),
  authorId: uuid("author_id").notNull(),
  text: text("text").notNull(),
  isPinned: boolean("is_pinned").notNull(),
});

test("every column is public, secret, or personal data of the person in another column", () => {
  const { name, columns, privileges } = facts(notes, { public: "is_pinned", personal: { author_id: "text" }, app: "append" });
  expect(name).toBe("app.notes");
  expect(columns).toEqual({ tenant_id: "public", author_id: "public", is_pinned: "public", text: { personal: "author_id" } });
  expect(privileges).toEqual({ app: ["select", "insert"], worker: [], auth: [] });
});

test.each([
  ["a forgotten column", { secret: "text" }, "The column is_pinned of app.notes has no classification."],
  ["a column with two classifications", { public: "text is_pinned", secret: "text" }, "list the column text twice"],
  ["an unknown column", { public: "text is_pinned is_read" }, "list is_read, which is not a column of it"],
  ["an unknown person", { public: "is_pinned", personal: { owner_id: "text" } }, "list owner_id, which is not a column of it"],
])("%s is refused on import", (_what, declared, message) => {
  expect(() => facts(notes, declared)).toThrow(message);
});

test("a UUID is public as an ID only: one with another name, such as a token, must be classified", () => {
  const logins = pgSchema("app").table("logins", {
    tenantId: tenantId(),
    userId: uuid("user_id").notNull(),
    token: uuid("token").notNull(),
  });
  expect(() => facts(logins, {})).toThrow("The column token of app.logins has no classification.");
  expect(facts(logins, { secret: "token" }).columns).toEqual({ tenant_id: "public", user_id: "public", token: "secret" });
});
