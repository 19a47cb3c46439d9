/** The email of a message. Nothing that a person typed becomes markup, or another line of a header. */
import { escapedHtml as escaped, oneLine as line } from "@weft/shared/texts";
import { containsCode } from "@weft/platform/directory";

interface MessageContentItem {
  readonly title: string;
  readonly body?: string;
  /** Number and summary, or code and name, of what it is about. */
  readonly about?: string;
  /** Where the user sees what it is about. */
  readonly url?: string;
  readonly createdAt: string;
}

export interface MessageContent {
  readonly organization: string;
  /** BCP 47. */
  readonly locale: string;
  readonly timeZone: string;
  readonly items: readonly MessageContentItem[];
  /** Address of this installation. */
  readonly url: string;
  /** Null if all kinds are mandatory. */
  readonly unsubscribeUrl: string | null;
}

interface Texts {
  readonly many: (count: number) => string;
  readonly from: (organization: string) => string;
  readonly open: string;
  readonly unsubscribe: string;
  readonly mandatory: string;
  readonly test: string;
}

const english: Texts = {
  many: (count) => `${count} notifications`,
  from: (organization) => `From ${organization} on Weft:`,
  open: "Open it in Weft:",
  unsubscribe: "To no longer get such emails:",
  mandatory: "Your organization requires this email.",
  test: "This is a test",
};

const texts: Readonly<Record<string, Texts>> = {
  en: english,
  de: {
    many: (count) => `${count} Benachrichtigungen`,
    from: (organization) => `Von ${organization} auf Weft:`,
    open: "In Weft öffnen:",
    unsubscribe: "Keine solchen E-Mails mehr erhalten:",
    mandatory: "Ihre Organisation verlangt diese E-Mail.",
    test: "Dies ist ein Test",
  },
  nl: {
    many: (count) => `${count} meldingen`,
    from: (organization) => `Van ${organization} op Weft:`,
    open: "Openen in Weft:",
    unsubscribe: "Deze e-mails niet meer ontvangen:",
    mandatory: "Uw organisatie vereist deze e-mail.",
    test: "Dit is een test",
  },
};

/** Says what a notification is about, unless its title does, as most titles do. */
function titleOf({ title, about = "" }: MessageContentItem): string {
  const [number = "", ...words] = about.split(" ");
  if (number === "") return line(title);
  const name = words.join(" ");
  return line(containsCode(title, number) || (name !== "" && title.includes(name)) ? title : `${about}: ${title}`);
}

/** Renders a title and a text for chats and browsers, without markup. Both are short. */
export function renderPlain({ organization, locale, items }: Pick<MessageContent, "organization" | "locale" | "items">): {
  readonly title: string;
  readonly text: string;
} {
  const { many, from } = texts[locale.slice(0, 2).toLowerCase()] ?? english;
  const [first] = items;
  const intro = from(line(organization));
  if (first !== undefined && items.length === 1)
    return { title: shorten(titleOf(first)), text: cut(line(first.body ?? "") || intro.replace(/:$/, "")) };
  return {
    title: shorten(`${line(organization)}: ${many(items.length)}`),
    text: listed(items.map((item) => `- ${titleOf(item)}`)),
  };
}

/** Renders a message that says nothing, by which somebody sees that messages arrive. */
export function renderTest({ organization, locale }: Pick<MessageContent, "organization" | "locale">): ReturnType<typeof renderPlain> {
  const { test } = texts[locale.slice(0, 2).toLowerCase()] ?? english;
  return renderPlain({ organization, locale, items: [{ title: test, createdAt: "" }] });
}

/** Leaves room for the keys of the message within the limit of push services, at three bytes per character. */
const longestText = 900;
const cut = (text: string): string => (text.length > longestText ? `${text.slice(0, longestText - 1)}…`.toWellFormed() : text);

/** Joins as many lines as there is room for, and says how many are left. */
function listed(lines: readonly string[]): string {
  const text = lines.join("\n");
  if (text.length <= longestText) return text;
  let count = 0;
  for (let length = 0; count < lines.length && length + (lines[count]?.length ?? 0) < longestText - 10; count++)
    length += (lines[count]?.length ?? 0) + 1;
  return cut(`${lines.slice(0, count).join("\n")}\n… +${lines.length - count}`);
}

/** Renders the email: a text, and the same as HTML. */
export function renderMessage(content: MessageContent): { readonly subject: string; readonly text: string; readonly html: string } {
  const { organization, locale, items, url, unsubscribeUrl } = content;
  const language = locale.slice(0, 2).toLowerCase();
  const { many, from, open, unsubscribe, mandatory } = texts[language] ?? english;
  const [first] = items;
  const subject = shorten(items.length === 1 && first ? titleOf(first) : `${line(organization)}: ${many(items.length)}`);
  const lines = items.map((item) => ({
    title: titleOf(item),
    body: line(item.body ?? ""),
    at: timeOf(item.createdAt, content),
    url: item.url,
  }));
  const [only] = lines;
  // Each of several notifications has its own link.
  const end = lines.length === 1 && only?.url !== undefined ? only.url : url;
  const intro = from(line(organization));
  const text = [
    intro,
    lines
      .map((each) => [`- ${each.title} (${each.at})`, each.body, each.url === end ? "" : (each.url ?? "")].filter(Boolean).join("\n  "))
      .join("\n"),
    `${open}\n${end}`,
    unsubscribeUrl === null ? mandatory : `${unsubscribe}\n${unsubscribeUrl}`,
  ].join("\n\n");
  const link = (label: string, href: string) => `<p><a href="${escaped(href)}">${escaped(label.replace(/:$/, ""))}</a></p>`;
  const html = [
    `<!doctype html><html lang="${texts[language] === undefined ? "en" : language}"><meta charset="utf-8"><body>`,
    `<p>${escaped(intro)}</p>`,
    `<ul>${lines.map(({ title, body, at, url: href }) => `<li>${href === undefined ? escaped(title) : `<a href="${escaped(href)}">${escaped(title)}</a>`} <small>${escaped(at)}</small>${body === "" ? "" : `<br>${escaped(body)}`}</li>`).join("")}</ul>`,
    link(open, end),
    unsubscribeUrl === null ? `<p>${escaped(mandatory)}</p>` : link(unsubscribe, unsubscribeUrl),
    "</body></html>",
  ].join("\n");
  return { subject, text, html };
}

function timeOf(at: string, { locale, timeZone }: Pick<MessageContent, "locale" | "timeZone">): string {
  return new Intl.DateTimeFormat(locale, { timeZone, dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

const longestSubject = 150;
const shorten = (text: string): string => (text.length > longestSubject ? `${text.slice(0, longestSubject - 1)}…`.toWellFormed() : text);
