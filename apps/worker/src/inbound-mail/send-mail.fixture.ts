import { createTransport } from "nodemailer";

export interface SentMail {
  readonly port: number;
  readonly from?: string;
  readonly to?: string | string[];
  readonly subject?: string;
  readonly text?: string;
  readonly html?: string;
  readonly messageId?: string;
  readonly returnPath?: string;
  /** The header From, if it is another one. */
  readonly sender?: string;
  readonly headers?: Record<string, string>;
  readonly attachments?: { filename: string; content: Buffer }[];
}

/** Sends an email to Weft as a mail server does. Returns the code and text of the answer. */
export async function sendMail({ port, returnPath, sender, from = "", to = [], ...mail }: SentMail): Promise<string> {
  const transport = createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  try {
    const envelope = { from: returnPath ?? from, to };
    const { response } = await transport.sendMail({ from: sender ?? from, to, subject: "Re: a comment", envelope, ...mail });
    return response;
  } catch (error) {
    return (error as { response?: string }).response ?? String(error);
  } finally {
    transport.close();
  }
}
