import { z } from "zod";

/** A mail in plain text. Lines are not wrapped. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

interface MailTemplate<Values extends z.ZodType = z.ZodType> {
  readonly values: Values;
  /** How many of this kind a destination gets within an hour, from all tenants together; the rest waits. */
  readonly perDestinationAndHour: number;
  readonly render: (values: z.infer<Values>) => MailText;
}

const template = <Values extends z.ZodType>(definition: MailTemplate<Values>): MailTemplate<Values> => definition;

/** Characters that turn the direction of what follows: in a name they can make one address look like another. */
const directionMarks = /[\u202a-\u202e\u2066-\u2069]/g;

/** What a user wrote, in one line. */
const line = (text: string): string =>
  text
    .replace(directionMarks, "")
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();

/** What a user wrote, as a quotation: nobody takes it for ours. */
const quotation = (text: string): string =>
  text
    .replace(directionMarks, "")
    .split(/\r\n?|\n/)
    .map((each) => `> ${line(each)}`)
    .join("\n");

const invitation = template({
  values: z.strictObject({
    inviter: z.string(),
    organization: z.string(),
    slug: z.string(),
    message: z.string().nullable(),
    url: z.url(),
    token: z.string(),
    days: z.int(),
  }),
  perDestinationAndHour: 10,
  render: ({ inviter, organization, slug, message, url, token, days }) => ({
    subject: `${line(inviter)} invites you to ${line(organization)}`,
    text: [
      `${line(inviter)} invites you to work with ${line(organization)} (${slug}) on Weft.`,
      ...(message === null ? [] : [quotation(message)]),
      `To accept, choose a password here within ${days} days:`,
      url,
      `Or call the API's mutation acceptInvitation with this token:\n${token}`,
      "The link works once. If you do not know who this is from, leave it alone: nothing happens without you.",
    ].join("\n\n"),
  }),
});

/** Says nothing that whoever registered could have written, apart from the slug: else registrations would send strangers' words to strangers. */
const emailVerification = template({
  values: z.strictObject({ slug: z.string(), url: z.url(), token: z.string(), hours: z.int() }),
  perDestinationAndHour: 5,
  render: ({ slug, url, token, hours }) => ({
    subject: "Is this your email address?",
    text: [
      `Somebody gave this email address to Weft, in the organisation ${slug}. If that was you, say so here within ${hours} hours:`,
      url,
      `Or call the API's mutation verifyEmail with this token:\n${token}`,
      "If it was not you, leave it alone: the address is not used without you.",
    ].join("\n\n"),
  }),
});

/** What somebody wrote into the title is quoted: a task's title may hold values of anybody's data. */
const taskLink = template({
  values: z.strictObject({
    organization: z.string(),
    slug: z.string(),
    task: z.string(),
    transitions: z.array(z.string()),
    url: z.url(),
    token: z.string(),
    hours: z.int(),
  }),
  perDestinationAndHour: 10,
  render: ({ organization, slug, task, transitions, url, token, hours }) => ({
    subject: `A task waits for you at ${line(organization)}`,
    text: [
      `A task waits for you at ${line(organization)} (${slug}) on Weft:`,
      quotation(task),
      `You can complete it here within ${hours} hours, without logging in, by one of: ${transitions.map(line).join(", ")}.`,
      url,
      `Or call the API's mutation completeTaskByLink with this token:\n${token}`,
      "The link works once and is yours alone: whoever has it decides in your name. If you do not know what this is about, leave it alone.",
    ].join("\n\n"),
  }),
});

/** Every mail that Weft sends. Rows name their template, so a name that was used stays. */
export const mailTemplates = { invitation, emailVerification, taskLink };

export type MailTemplateName = keyof typeof mailTemplates;
export type MailValues<Name extends MailTemplateName> = z.infer<(typeof mailTemplates)[Name]["values"]>;

/** True for a name that this version knows. */
export const isMailTemplate = (name: string): name is MailTemplateName => Object.hasOwn(mailTemplates, name);

/** @throws when the values do not fit: they were written for another version of the template */
export function renderMail(name: MailTemplateName, values: unknown): MailText {
  const { values: schema, render } = mailTemplates[name] as MailTemplate;
  return render(schema.parse(values));
}
