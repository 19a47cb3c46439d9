import { describe, expect, test } from "vitest";
import { compileNoticeRule, evaluateNoticeRule, recipientValues, renderNoticeRule, type NoticeRuleSource } from "./notice-rule.js";

const schemas = {
  event: { type: "object", properties: { actorId: { type: "string" } } },
  payload: {
    type: "object",
    properties: { text: { type: "string" }, n: { type: "integer" }, ids: { type: "array", items: { type: "string" } } },
  },
};
const compile = (source: Partial<NoticeRuleSource>) =>
  compileNoticeRule({ condition: "", title: "T", body: "", recipients: [], ...source }, schemas);
const rendered = (title: string, payload: Record<string, string | number>) =>
  renderNoticeRule(compile({ title }).rule, { event: {}, payload }).title;

describe("rules of notifications", () => {
  test("texts are one line of plain text, whatever the event contains", () => {
    expect(rendered("A {{ payload.text }} ({{ payload.n }})", { text: "x\r\n\ty\u0000\u2028\u202Ez", n: 3 })).toBe("A x y z (3)");
    expect(rendered("A {{ payload.text }}", {})).toBe("A");
    expect(rendered("{{ payload.text }}", { text: "{{ payload.n }}" })).toBe("{{ payload.n }}");
    expect(rendered("{{ payload.text }}", { text: "x".repeat(5_000) })).toHaveLength(200);
  });

  test("problems have the path of the text", () => {
    const paths = (source: Partial<NoticeRuleSource>) => compile(source).problems.map(({ path }) => path);
    expect(paths({ condition: "payload.x == 1" })).toEqual(["condition"]);
    expect(paths({ condition: "data.x == 1" })).toEqual(["condition"]);
    expect(paths({ title: "{{ payload.x }}", body: "{{ actor.id }}" })).toEqual(["title", "body"]);
    expect(paths({ title: "{{ payload.text + 'a' }}" })).toEqual(["title"]);
    expect(paths({ recipients: [{ path: ["recipients", 2], expression: "payload.x" }] })).toHaveLength(1);
  });

  test("conditions explain themselves, and expressions give only texts", () => {
    const { rule } = compile({
      condition: "payload.n > 2",
      recipients: ["event.actorId", "payload.ids", "payload.n"].map((expression) => ({ path: [], expression })),
    });
    expect(evaluateNoticeRule(rule, { event: {}, payload: { n: 3 } })).toEqual({ holds: true });
    expect(evaluateNoticeRule(rule, { event: {}, payload: { n: 2 } })).toMatchObject({ holds: false, failures: [{ path: "payload.n" }] });
    expect(recipientValues(rule, { event: { actorId: "a" }, payload: { n: 1, ids: ["b", "c"] } })).toEqual(["a", "b", "c"]);
  });
});
