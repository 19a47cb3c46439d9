import { z } from "zod";
import { type Connector, defineAction, defineConnector, type ParsedContext } from "../connector.js";
import { exchange, problemsOfUrl } from "../http/exchange.js";

const configurationSchema = z.object({
  format: z.enum(["SLACK", "TEAMS"]).describe("Form of the messages: Slack-compatible (also Mattermost, Rocket.Chat), or a Teams card."),
});
type Configuration = z.infer<typeof configurationSchema>;

/** The URL contains the secret of an incoming webhook, so it is a credential. */
const credentialsSchema = z.object({ url: z.string().min(1).max(2000).describe("URL of the incoming webhook.") });
type Credentials = z.infer<typeof credentialsSchema>;

const inputSchema = z.object({
  text: z.string().trim().min(1).max(4000).describe("Text. It is shown as it is: nothing in it becomes a mention or a link text."),
  title: z.string().trim().min(1).max(200).optional().describe("Title."),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional()
    .describe("Link for more details."),
});
type Input = z.infer<typeof inputSchema>;

/** Messages to a channel, through an incoming webhook. */
export const chatConnector: Connector = defineConnector<Configuration, Credentials>({
  key: "CHAT",
  name: "Chat",
  description: "Posts messages to a channel of Slack, Teams, or a compatible chat, through its incoming webhook.",
  configuration: configurationSchema,
  credentials: credentialsSchema,
  problemsOf: async ({ credentials, ...allowing }) => {
    // The message must not repeat the URL, because it is a secret.
    const problems = await problemsOfUrl(allowing, credentials.url, "credentials.url");
    return problems.map(({ path, message }) => ({ path, message: message.replace(JSON.stringify(credentials.url), "of the webhook") }));
  },
  // The destination is a credential itself.
  destinationOf: () => "",
  actions: [
    defineAction<Input, Configuration, Credentials>({
      key: "post",
      description: "Posts a message.",
      input: inputSchema,
      output: z.object({ isPosted: z.boolean() }),
      // Chats do not recognize repetitions.
      isIdempotent: () => false,
      run: async (context, input) => {
        await post(context, input);
        return { isPosted: true };
      },
    }),
  ],
  // An incoming webhook has no request that changes nothing: an empty message is refused by it, which shows that it is there.
  check: async (context) => {
    const { outbound, signal, timeoutMs, credentials } = context;
    await exchange(
      { outbound, signal, timeoutMs, callId: context.callId },
      { url: credentials.url, method: "POST", headers: json, body: "{}" },
      true,
    ).catch((error: unknown) => {
      if (error instanceof Error && /answered 400\b/.test(error.message)) return;
      throw error;
    });
  },
});

const json = { "content-type": "application/json" };

export type ChatMessage = Input;

/** Returns the body of a request to an incoming webhook. Nothing in the message becomes markup or a mention. */
export const chatMessage = (format: Configuration["format"], message: ChatMessage): Record<string, unknown> =>
  format === "SLACK" ? slackMessage(message) : teamsMessage(message);

async function post(context: ParsedContext<Configuration, Credentials>, input: Input): Promise<void> {
  const body = chatMessage(context.configuration.format, input);
  await exchange(context, { url: context.credentials.url, method: "POST", headers: json, body: JSON.stringify(body) }, false);
}

/** Slack reads `<…>` as mentions and links, and `&` as the beginning of an entity. */
const escapeSlack = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function slackMessage({ text, title, url }: Input): Record<string, unknown> {
  const lines = [...(title === undefined ? [] : [title]), text].map(escapeSlack);
  return { text: [...lines, ...(url === undefined ? [] : [escapeSlack(url)])].join("\n"), mrkdwn: false, link_names: 0 };
}

/** An Adaptive Card. Its texts read Markdown, whose characters are escaped. */
const escapeMarkdown = (text: string): string => text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>~]/g, String.raw`\$&`);

function teamsMessage({ text, title, url }: Input): Record<string, unknown> {
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [
            ...(title === undefined
              ? []
              : [{ type: "TextBlock", text: escapeMarkdown(title), weight: "Bolder", size: "Medium", wrap: true }]),
            { type: "TextBlock", text: escapeMarkdown(text), wrap: true },
          ],
          ...(url !== undefined && { actions: [{ type: "Action.OpenUrl", title: "Open", url }] }),
        },
      },
    ],
  };
}
