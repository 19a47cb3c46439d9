import { createWeftClient, memoryStore } from "@weft/client";
import { createElement, type ReactNode } from "react";
import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { SignedOut, useLiveQuery, useWeft, WeftProvider } from "../index.js";

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
  const Alone = (): ReactNode => String(useWeft());
  expect(() => renderToString(createElement(Alone))).toThrow("WeftProvider");
});
