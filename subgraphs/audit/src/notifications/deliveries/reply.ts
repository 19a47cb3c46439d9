import { newId } from "@weft/shared/ids";
import { escapedHtml } from "@weft/shared/texts";
import { hasPermission } from "@weft/shared/viewer";
import { asTenant } from "@weft/platform/db";
import { replyAddressFor, replyLocalPart } from "@weft/platform/reply-addresses";
import { viewerOfUser } from "@weft/platform/rights";
import type { Services } from "@weft/platform/services";
import type { RepliedRequest } from "./reply.store.js";
import { findRepliedRequest } from "./reply.store.js";

/** Where a reply to a message goes, and who will read it. */
export interface ReplyTo {
  readonly address: string;
  readonly audience: RepliedRequest["audience"];
}

export interface ReplyOptions {
  readonly tenantId: string;
  readonly userId: string;
  readonly messageId: string;
}

/**
 * Returns the address with which the recipient of a message comments on its request. Null if this installation receives no email, the notifications are
 * not about one request, or the recipient cannot comment on it. It is checked again when a reply comes.
 */
export async function replyToOf(
  { config, databases, keys }: Pick<Services, "config" | "databases" | "keys">,
  { tenantId, userId, messageId }: ReplyOptions,
): Promise<ReplyTo | null> {
  const { inbound } = config.mail;
  if (inbound === undefined) return null;
  const viewer = await viewerOfUser(databases.auth, { tenantId, userId, sessionId: newId() });
  if (viewer === null || !hasPermission(viewer, "request.comment")) return null;
  return asTenant(databases.app, { tenantId }, "write", async (tx) => {
    const found = await findRepliedRequest(tx, viewer, messageId);
    if (found === null) return null;
    const ref = await replyAddressFor(tx, tenantId, { userId, ...found });
    return { address: `${replyLocalPart(keys.refresh, ref)}@${inbound.domain}`, audience: found.audience };
  });
}

/** A line that begins and ends like this is where the text of a reply ends. */
const marked = (text: string): string => `##- ${text} -##`;

const texts: Readonly<Record<string, Readonly<Record<RepliedRequest["audience"], string>>>> = {
  en: {
    PUBLIC: "Reply above this line to comment. Everyone who can see the request reads it.",
    INTERNAL: "Reply above this line to comment. Only users who work on the request read it.",
  },
  de: {
    PUBLIC: "Antworten Sie über dieser Zeile, um zu kommentieren. Alle, die die Anfrage sehen können, lesen es.",
    INTERNAL: "Antworten Sie über dieser Zeile, um zu kommentieren. Nur Benutzer, die an der Anfrage arbeiten, lesen es.",
  },
  nl: {
    PUBLIC: "Antwoord boven deze regel om te reageren. Iedereen die de aanvraag kan zien, leest het.",
    INTERNAL: "Antwoord boven deze regel om te reageren. Alleen gebruikers die aan de aanvraag werken, lezen het.",
  },
};

interface Content {
  readonly text: string;
  readonly html?: string;
}

/** Adds the line above which a reply is written, as text and as HTML. */
export function withReplyLine<Rendered extends Content>(rendered: Rendered, { audience }: ReplyTo, locale: string): Rendered {
  const line = marked((texts[locale.slice(0, 2).toLowerCase()] ?? texts["en"])?.[audience] ?? "");
  const { html } = rendered;
  const inHtml = `<p style="color:#666">${escapedHtml(line)}</p>`;
  return {
    ...rendered,
    text: `${line}\n\n${rendered.text}`,
    ...(html !== undefined && {
      html: /<body\b[^>]*>/i.test(html) ? html.replace(/<body\b[^>]*>/i, (body) => body + inHtml) : inHtml + html,
    }),
  };
}
