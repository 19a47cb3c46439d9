import { rootCertificates } from "node:tls";
import { MailContent, refusalOfMail } from "@weft/platform/mail";
import { connectAllowed, isSocketListed } from "@weft/platform/outbound";
import type { Transporter } from "nodemailer";
import { z } from "zod";
import { type Connector, defineAction, defineConnector, type ParsedContext } from "../connector.js";
import { ConnectorError, errorOfFailure } from "../errors.js";
import { caSchema, hostSchema, portSchema, problemsOfDestination } from "../socket/destination.js";

/** Ports of mail submission. Not 25: that is where servers take mail for their own users, without a login. */
const submissionPorts: ReadonlySet<number> = new Set([465, 587, 2465, 2525, 2587]);
const isSubmissionPort = (port: number): boolean => submissionPorts.has(port);

/** Nothing that could end a line or be invisible in a header. */
const oneLine = /^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u;
const addressSchema = z.email().max(254);

const configurationSchema = z.object({
  host: hostSchema.describe("Host name of the mail server, in lower case."),
  port: portSchema.describe("Port: 465, 587, 2465, 2525 or 2587."),
  security: z
    .enum(["TLS", "STARTTLS", "NONE"])
    .describe("TLS from the beginning, or after STARTTLS. NONE only for servers that the operators allow."),
  ca: caSchema.optional().describe("Certificates (PEM) of further authorities that the server's certificate can be from."),
  from: z.object({ address: addressSchema, name: z.string().max(100).regex(oneLine).optional() }).describe("Sender of all emails."),
});
type Configuration = z.infer<typeof configurationSchema>;

const credentialsSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("NONE") }),
  z.object({ type: z.literal("PASSWORD"), user: z.string().min(1).max(320), password: z.string().min(1).max(1000) }),
]);
type Credentials = z.infer<typeof credentialsSchema>;
type Context = ParsedContext<Configuration, Credentials>;

const inputSchema = z.object({
  to: z.array(addressSchema).min(1).max(50).describe("Recipients."),
  cc: z.array(addressSchema).max(50).optional().describe("Recipients of a copy."),
  replyTo: addressSchema.optional().describe("Address that answers are sent to."),
  subject: z.string().trim().min(1).max(500).regex(oneLine).describe("Subject, one line."),
  text: z.string().min(1).max(200_000).describe("Content as text."),
  html: z.string().min(1).max(400_000).optional().describe("The same content as HTML."),
});
type Input = z.infer<typeof inputSchema>;

const outputSchema = z.object({
  messageId: z.string().describe("Message-ID of the email, the same in every attempt."),
  accepted: z.array(z.string()).describe("Recipients that the server accepted."),
  rejected: z.array(z.string()).describe("Recipients that the server refused. If it refuses all of them, the call fails."),
});

/** Emails through a mail server of the tenant. */
export const smtpConnector: Connector = defineConnector<Configuration, Credentials>({
  key: "SMTP",
  name: "SMTP",
  description: "Sends emails through a mail server.",
  configuration: configurationSchema,
  credentials: credentialsSchema,
  problemsOf: async ({ configuration, ...allowing }) => {
    const problems = await problemsOfDestination(allowing, configuration, isSubmissionPort);
    if (configuration.security === "NONE" && !isSocketListed(allowing.policy, configuration))
      problems.push({
        path: "configuration.security",
        message: "Connections without TLS are only allowed to servers that the operators allow.",
      });
    return problems;
  },
  destinationOf: ({ host, port, security, ca = "" }) => JSON.stringify([host, port, security, ca]),
  actions: [
    defineAction<Input, Configuration, Credentials>({
      key: "send",
      description: "Sends an email.",
      input: inputSchema,
      output: outputSchema,
      // Mail servers do not recognize repetitions.
      isIdempotent: () => false,
      run: send,
    }),
  ],
  check: async (context) => {
    await withTransport(context, async (transport) => void (await transport.verify()));
  },
});

async function send(context: Context, { to, cc = [], replyTo, subject, text, html }: Input): Promise<z.infer<typeof outputSchema>> {
  const { from } = context.configuration;
  const messageId = `<${context.callId}@${from.address.slice(from.address.lastIndexOf("@") + 1)}>`;
  const content = new MailContent();
  return withTransport(
    context,
    async (transport) => {
      transport.use("stream", (mail, done) => {
        content.attachTo(mail);
        done();
      });
      const { accepted = [], rejected = [] } = await transport.sendMail({
        from: addressOf(from.address, from.name),
        to: to.map((address) => addressOf(address)),
        cc: cc.map((address) => addressOf(address)),
        ...(replyTo !== undefined && { replyTo: addressOf(replyTo) }),
        subject,
        text,
        ...(html !== undefined && { html }),
        messageId,
        // Prevents automatic replies (RFC 3834).
        headers: { "Auto-Submitted": "auto-generated" },
        signal: context.signal,
      });
      return { messageId, accepted: accepted.map(String), rejected: rejected.map(String) };
    },
    content,
  );
}

/** As an object, this is one address, whatever characters it contains. */
const addressOf = (address: string, name = ""): { name: string; address: string } => ({ name, address });

/** Runs with a transport that uses one connection, to an address that was checked. @throws ConnectorError */
async function withTransport<T>(
  { configuration, credentials, policy, resolve, signal }: Context,
  run: (transport: Transporter) => Promise<T>,
  content: Pick<MailContent, "wasRead"> = { wasRead: false },
): Promise<T> {
  const { host, port, security, ca } = configuration;
  const destination = { host, port };
  if (security === "NONE" && !isSocketListed(policy, destination))
    throw new ConnectorError("FORBIDDEN_DESTINATION", "Connections without TLS are only allowed to servers that the operators allow.");
  const { createTransport } = await import("nodemailer");
  const connection = await connectAllowed(policy, { ...destination, ports: isSubmissionPort, signal, resolve }).catch((error: unknown) => {
    // Nothing was sent.
    throw errorOfFailure(error, true);
  });
  const transport = createTransport({
    ...destination,
    connection,
    secure: security === "TLS",
    requireTLS: security === "STARTTLS",
    ignoreTLS: security === "NONE",
    tls: { minVersion: "TLSv1.2", ...(ca !== undefined && { ca: [...rootCertificates, ca] }) },
    ...(credentials.type === "PASSWORD" && { auth: { user: credentials.user, pass: credentials.password }, forceAuth: true }),
    // Not the name of this machine.
    name: "[127.0.0.1]",
    greetingTimeout: 8_000,
    socketTimeout: 12_000,
    socketCloseTimeout: 0,
    maxResponseSize: 64 * 1024,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    return await run(transport);
  } catch (error) {
    throw errorOfMail(error, content);
  } finally {
    connection.destroy();
  }
}

function errorOfMail(error: unknown, content: Pick<MailContent, "wasRead">): ConnectorError {
  const { concerns, isUncertain, message } = refusalOfMail(error, content);
  const { code, responseCode = 0 } = error as { code?: unknown; responseCode?: number };
  const said = `The mail server could not take the email: ${message}`;
  if (isUncertain) return new ConnectorError("UNKNOWN_OUTCOME", said, { cause: error });
  const isLoginRefused = code === "EAUTH" && responseCode >= 500;
  return new ConnectorError(concerns === "mail" || isLoginRefused ? "PERMANENT" : "RETRYABLE", said, { cause: error });
}
