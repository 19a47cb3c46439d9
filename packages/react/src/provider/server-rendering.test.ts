import { createWeftClient, memoryStore } from "@weft/client";
import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { SignedOut, Timeline, useLiveQuery, useWeft, WeftProvider, type HistoryEntry } from "../index.js";

function List(): ReactNode {
  const { status } = useLiveQuery("{ liveCursor }", "subscription ($after: String) { requestChanged(after: $after) { cursor } }");
  return status;
}

test("a page is rendered on a server without a request", () => {
  const client = createWeftClient({
    url: "https://weft.invalid",
    store: memoryStore(),
    fetch: () => expect.fail("There is a request."),
  });
  const page = createElement(WeftProvider, { client }, createElement(List), createElement(SignedOut, null, " Log in"));
  expect(renderToString(page)).toContain("signedOut");
  expect(renderToString(page)).toContain("Log in");
});

test("without a provider the error says what is missing", () => {
  const Alone = (): ReactNode => useWeft().session.state.status;
  expect(() => renderToString(createElement(Alone))).toThrow("WeftProvider");
});

test("of a history with thousands of entries, the newest are drawn", () => {
  const client = createWeftClient({ url: "https://weft.invalid", store: memoryStore() });
  const entries = Array.from({ length: 5_000 }, (_, index): HistoryEntry => ({
    id: `wfh_${index}`,
    version: index + 1,
    kind: "TRANSITION",
    transitionTitle: `Step ${index + 1}`,
    fromTitle: "Open",
    toTitle: "Open",
    actor: null,
    onBehalfOf: null,
    comment: null,
    isAutomatic: false,
    at: "2026-03-01T09:30:00Z",
  }));
  const page = renderToString(createElement(WeftProvider, { client }, createElement(Timeline, { entries })));
  expect(page.match(/<li/g)).toHaveLength(50);
  expect(page).toContain("Step 5000");
  expect(page).toContain("Show 50 more");
});
