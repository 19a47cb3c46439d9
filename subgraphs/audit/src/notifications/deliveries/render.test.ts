import { expect, test } from "vitest";
import { type MessageContent, renderMessage } from "./render.js";

const item = {
  title: "New comment on a request",
  about: "MR-12 The boiler <drips>",
  url: "https://app.example/open/req_1",
  createdAt: "2026-03-02T09:00:00Z",
};
const content: MessageContent = {
  organization: "Acme",
  locale: "en",
  timeZone: "UTC",
  items: [item],
  url: "https://app.example",
  unsubscribeUrl: null,
};

test("a message says what it is about in its subject, its text, and its HTML, and links to it", () => {
  const { subject, text, html } = renderMessage(content);
  expect(subject).toBe("MR-12 The boiler <drips>: New comment on a request");
  expect(text).toContain("- MR-12 The boiler <drips>: New comment on a request (");
  expect(text).toContain("Open it in Weft:\nhttps://app.example/open/req_1\n");
  expect(text.match(/https:/g)).toHaveLength(1);
  expect(html).toContain('<a href="https://app.example/open/req_1">MR-12 The boiler &lt;drips&gt;: New comment on a request</a>');
});

test("a title that already says what it is about is not repeated", () => {
  expect(renderMessage({ ...content, items: [{ ...item, title: "MR-12 was closed" }] }).subject).toBe("MR-12 was closed");
});

test("a title with a longer number does not say what the message is about", () => {
  const title = "MR-120 was closed as a duplicate";
  expect(renderMessage({ ...content, items: [{ ...item, title }] }).subject).toBe(`MR-12 The boiler <drips>: ${title}`);
});

test("each of several notifications has its own link, in German, too", () => {
  const items = [item, { ...item, title: "Zugewiesen", about: "", url: "https://app.example/open/tsk_1" }];
  const { subject, text, html } = renderMessage({ ...content, locale: "de", items });
  expect(subject).toBe("Acme: 2 Benachrichtigungen");
  expect(text).toMatch(/MR-12 .*\n {2}https:\/\/app\.example\/open\/req_1\n- Zugewiesen .*\n {2}https:\/\/app\.example\/open\/tsk_1\n/);
  expect(text).toContain("In Weft öffnen:\nhttps://app.example\n");
  expect(html).toContain('<a href="https://app.example/open/tsk_1">Zugewiesen</a>');
});
