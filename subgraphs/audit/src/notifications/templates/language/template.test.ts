import fc from "fast-check";
import { Parser } from "htmlparser2";
import { describe, expect, test } from "vitest";
import { compileTemplate, type CompiledTemplate, type TemplateSource } from "./compile.js";
import { renderTemplate } from "./render.js";
import { variablesOf } from "./variables.js";

const variables = variablesOf("TASK_ASSIGNED");
const inBody = (inner: string): string => `<mjml><mj-body><mj-section><mj-column>${inner}</mj-column></mj-section></mj-body></mjml>`;
const good: TemplateSource = {
  subject: "{{ tenant.name }}: {{ params.task }}",
  body: inBody(`<mj-text>Hi {{ recipient.name }}, <b>{{ params.task | upcase }}</b></mj-text><mj-button href="{{ url }}">Open</mj-button>`),
  text: null,
};

async function compiled(source: Partial<TemplateSource>): Promise<CompiledTemplate> {
  const result = await compileTemplate({ ...good, ...source }, variables);
  if ("problems" in result) throw new Error(JSON.stringify(result.problems));
  return result.template;
}

async function problems(source: Partial<TemplateSource>): Promise<string[]> {
  const result = await compileTemplate({ ...good, ...source }, variables);
  if ("template" in result) return [];
  return result.problems.map(({ part, message, place }) => `${part}${place ? ` ${place.line}:${place.column}` : ""}: ${message}`);
}

const values = { "tenant.name": "Acme", "recipient.name": "Noor", "params.task": "Review", url: "https://weft.example/t/1?a=1&b=2" };

test("a template becomes a subject, HTML, and a text with the links", async () => {
  const { subject, html, text } = await renderTemplate(await compiled({}), values);
  expect(subject).toBe("Acme: Review");
  expect(html).toContain("Hi Noor, <b>REVIEW</b>");
  expect(html).toContain(`href="https://weft.example/t/1?a=1&amp;b=2"`);
  expect(text).toMatch(/^Hi Noor, REVIEW\s+Open https:\/\/weft\.example\/t\/1\?a=1&b=2$/);
});

test("conditions and loops work between elements, and a text of its own replaces the made one", async () => {
  const body = inBody(
    `<mj-text>A</mj-text><mj-raw>{% if unsubscribeUrl %}</mj-raw><mj-button href="{{ unsubscribeUrl }}">Stop</mj-button><mj-raw>{% endif %}</mj-raw>`,
  );
  const template = await compiled({ body, text: "Task: {{ params.task }}" });
  const without = await renderTemplate(template, { ...values, unsubscribeUrl: "" });
  expect(without.text).toBe("Task: Review");
  expect(without.html).not.toContain("Stop");
  expect((await renderTemplate(template, { ...values, unsubscribeUrl: "https://weft.example/u" })).html).toContain(
    "https://weft.example/u",
  );
});

test("no file of another server is loaded for the letters", async () => {
  expect((await compiled({})).html).not.toContain("fonts.googleapis");
});

describe("a template is refused, and the message says what and where, if", () => {
  test.each([
    ["a variable does not exist", { subject: "{{ params.nothing }}" }, "subject 1:4: There is no variable params.nothing."],
    ["a prototype is used", { subject: "{{ constructor }}" }, "subject 1:4: There is no variable constructor."],
    ["a filter does not exist", { subject: "{{ title | nope }}" }, "subject 1:1: Undefined filter: nope."],
    ["a value would not be escaped", { body: inBody("<mj-text>{{ title | raw }}</mj-text>") }, "body 1:48: Undefined filter: raw."],
    ["a tag writes without escaping", { body: inBody("<mj-text>{% echo title %}</mj-text>") }, `body 1:48: Tag "echo" not found.`],
    ["it includes a file", { text: "{% include '/etc/passwd' %}" }, `text 1:1: Tag "include" not found.`],
    ["a tag is not closed", { text: "a\n{% if title %}" }, "text 2:1: Tag {% if title %} not closed."],
    ["the subject is empty", { subject: " " }, "subject: A subject has 1 to 500 characters."],
    ["the body is too long", { body: "x".repeat(100_001) }, "body: At most 100000 bytes are allowed."],
    ["it is not MJML", { body: "<p>Hi</p>" }, /^body.*: The MJML is not valid: /],
    [
      "an element is not known",
      { body: inBody("<mj-foo>x</mj-foo>") },
      "body: <mj-foo> is not an element of MJML, or not allowed in its place.",
    ],
    [
      "it includes another template",
      { body: `<mjml><mj-body><mj-include path="/etc/passwd"/></mj-body></mjml>` },
      /^body 1:17: The MJML is not valid/,
    ],
    ["it has a script", { body: inBody("<mj-text><script>alert(1)</script></mj-text>") }, "body: <script> is not allowed in a mail."],
    ["it has a handler", { body: inBody(`<mj-text><b onclick="x()">x</b></mj-text>`) }, "body: <b>: the attribute onclick is not allowed."],
    [
      "a link is a text",
      { body: inBody(`<mj-button href="{{ title }}">x</mj-button>`) },
      "body: <a>: title is not an address, so href cannot be {{ title }}.",
    ],
    [
      "a link has a part that varies",
      { body: inBody(`<mj-button href="https://a.example/{{ title }}">x</mj-button>`) },
      "body: <a>: href must be one placeholder, such as {{ url }}, or an address without placeholders.",
    ],
    [
      "a link runs a script",
      { body: inBody(`<mj-button href="javascript:alert(1)">x</mj-button>`) },
      "body: <a>: href must begin with https://, http://, mailto:, tel: or #.",
    ],
    [
      "a value is in a style",
      { body: inBody(`<mj-text><b style="color:{{ title }}">x</b></mj-text>`) },
      "body: <b>: placeholders are not allowed in the attribute style.",
    ],
    [
      "a value is in a style sheet",
      { body: `<mjml><mj-head><mj-style>.a { color: {{ title }} }</mj-style></mj-head><mj-body></mj-body></mjml>` },
      "body: Placeholders are not allowed in styles.",
    ],
  ])("%s", async (_why, source, message) => {
    expect(await problems(source)).toContainEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });
});

test("a subject is one line, whatever its values contain", async () => {
  const { subject } = await renderTemplate(await compiled({}), { ...values, "params.task": "a\r\nBcc: x@evil.example\u2028b\u202ec" });
  expect(subject).toBe("Acme: a Bcc: x@evil.example b c");
});

test("a template that writes too much is refused when it is rendered", async () => {
  const body = inBody(
    "<mj-text>{% for i in (1..100000) %}{% for j in (1..100000) %}{% assign x = title | append: title %}{% endfor %}{% endfor %}</mj-text>",
  );
  await expect(renderTemplate(await compiled({ body }), values)).rejects.toThrow(/limit exceeded/);
});

/** Names of all elements, in order, and all attributes except those that contain values. */
function structureOf(html: string): string[] {
  const found: string[] = [];
  new Parser({
    onopentag: (name, attributes) =>
      found.push(
        `${name} ${Object.entries(attributes)
          .map(([key, value]) => (key === "alt" || key === "href" ? key : `${key}=${value}`))
          .join(" ")}`,
      ),
    oncomment: (comment) => found.push(comment),
  }).end(html);
  return found;
}

const evil = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "<script>alert(1)</script>",
    `"><img src=x onerror=alert(1)>`,
    "{{ tenant.name }}",
    "{% raw %}",
    "]]>",
    "--><b>",
    "&lt;b&gt;",
  ),
);

test("nothing that a person typed becomes markup, in any place that a template can show it", async () => {
  const template = await compiled({
    body: inBody(
      `<mj-text>{{ params.task }} <b title="{{ recipient.name }}">{{ tenant.name | append: params.task }}</b></mj-text><mj-image src="https://a.example/i.png" alt="{{ title }}" />`,
    ),
  });
  const without = (html: string): string[] => structureOf(html).map((each) => each.replace(/title=[^]*$/, "title"));
  const harmless = without((await renderTemplate(template, { ...values, title: "t" })).html);
  await fc.assert(
    fc.asyncProperty(evil, evil, evil, async (a, b, c) => {
      const rendered = await renderTemplate(template, { "params.task": a, "recipient.name": b, "tenant.name": c, title: a });
      expect(without(rendered.html)).toEqual(harmless);
      expect(rendered.subject).not.toMatch(/[\r\n]/);
    }),
  );
});
