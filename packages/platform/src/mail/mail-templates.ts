import { z } from "zod";
import { directionMarks, oneLine as line } from "@weft/shared/texts";

/** An email. Lines of its text are not wrapped. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  /** The same content as HTML. */
  readonly html?: string;
}

interface MailTemplate<Values extends z.ZodType = z.ZodType> {
  readonly values: Values;
  /** Maximum number of emails of this template per destination and hour, over all tenants. Further ones wait. */
  readonly perDestinationAndHour: number;
  /**
   * Whether its emails to a destination are counted apart, so that nobody can prevent them by causing others, or others by causing them. A part of the
   * tenant's emails is reserved for those.
   */
  readonly isCountedApart?: true;
  /** Whether it is delivered although the user meanwhile has another address or is deactivated: it warns the owner of the former address. */
  readonly reachesFormerAddress?: true;
  readonly render: (values: z.infer<Values>) => MailText;
}

const template = <Values extends z.ZodType>(definition: MailTemplate<Values>): MailTemplate<Values> => definition;

/** Returns a user's text as a quotation, so that it does not look like text from Weft. */
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
      `To accept, choose a password within ${days} days:`,
      url,
      `Or call the mutation acceptInvitation of the API with this token:\n${token}`,
      "The link works once. If you do not recognize the sender, ignore this email: nothing happens without you.",
    ].join("\n\n"),
  }),
});

/** Contains no text from the user who registered, apart from the slug. Otherwise, registrations could be used to send messages to strangers. */
const emailVerification = template({
  values: z.strictObject({ slug: z.string(), url: z.url(), token: z.string(), hours: z.int() }),
  perDestinationAndHour: 5,
  render: ({ slug, url, token, hours }) => ({
    subject: "Is this your email address?",
    text: [
      `Somebody entered this email address in Weft, in the organization ${slug}. If it was you, confirm it within ${hours} hours:`,
      url,
      `Or call the mutation verifyEmail of the API with this token:\n${token}`,
      "If it was not you, ignore this email: the address is not used without your confirmation.",
    ].join("\n\n"),
  }),
});

/** The title is quoted, because the title of a task can contain values from any user's data. */
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
    subject: `A task is waiting for you at ${line(organization)}`,
    text: [
      `A task is waiting for you at ${line(organization)} (${slug}) on Weft:`,
      quotation(task),
      `You can complete it within ${hours} hours, without logging in, with one of: ${transitions.map(line).join(", ")}.`,
      url,
      `Or call the mutation completeTaskByLink of the API with this token:\n${token}`,
      "The link works once and is for you only: anyone who has it can decide in your name. If you do not know what this is about, ignore this email.",
    ].join("\n\n"),
  }),
});

const vendorInvitation = template({
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
    subject: `${line(organization)} invites you to register as a vendor`,
    text: [
      `${line(inviter)} of ${line(organization)} (${slug}) invites your company to register as a vendor on Weft.`,
      ...(message === null ? [] : [quotation(message)]),
      `To register, describe your company within ${days} days:`,
      url,
      `Or call the mutation registerVendor of the API with this token:\n${token}`,
      "The link works once. If you do not recognize the sender, ignore this email: nothing happens without you.",
    ].join("\n\n"),
  }),
});

/** A test of an organization's own template, which its renderer has made safe. */
const notificationTest = template({
  values: z.strictObject({ subject: z.string(), text: z.string(), html: z.string() }),
  perDestinationAndHour: 10,
  isCountedApart: true,
  render: ({ subject, text, html }) => ({ subject: `[Test] ${line(subject)}`, text, html }),
});

/** Like the verification, it contains no text from other users, because anybody can request it. */
const passwordReset = template({
  values: z.strictObject({ slug: z.string(), url: z.url(), token: z.string(), hours: z.int() }),
  perDestinationAndHour: 5,
  isCountedApart: true,
  render: ({ slug, url, token, hours }) => ({
    subject: "Reset your password",
    text: [
      `A new password was requested for your account in the organization ${slug} on Weft. Choose it within ${hours === 1 ? "an hour" : `${hours} hours`}:`,
      url,
      `Or call the mutation resetPassword of the API with this token:\n${token}`,
      "The link works once. If you did not request it, ignore this email: your password stays as it is.",
    ].join("\n\n"),
  }),
});

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const passwordChanged = template({
  values: z.strictObject({
    slug: z.string(),
    apiKeys: z.int().optional(),
    passkeys: z.int().optional(),
    identities: z.int().optional(),
    hasApp: z.boolean().optional(),
  }),
  perDestinationAndHour: 10,
  render: ({ slug, apiKeys = 0, passkeys = 0, identities = 0, hasApp = false }) => ({
    subject: "Your password was changed",
    text: [
      `The password of your account in the organization ${slug} on Weft was changed, and your other sessions were ended.`,
      ...(apiKeys === 0
        ? []
        : [`Your account has ${apiKeys} API ${apiKeys === 1 ? "key" : "keys"}, with which programs can still act as you.`]),
      ...(passkeys === 0
        ? []
        : [
            `Your account has ${passkeys} ${passkeys === 1 ? "passkey" : "passkeys"}, with which one can log in without the password. Remove those that are not yours.`,
          ]),
      ...(hasApp
        ? ["Logins also require a code of an authenticator app. If you did not set it up, ask your administrator to remove it."]
        : []),
      ...(identities === 0
        ? []
        : [
            `Your account can also be used with ${counted(identities, "linked account")} of identity providers. If you do not know of them, ask your administrator to unlink them.`,
          ]),
      "If it was not you, reset your password at once, and tell your administrator.",
    ].join("\n\n"),
  }),
});

/** Tells the owner of an address what somebody else could have added to the account before. */
const emailVerified = template({
  values: z.strictObject({ slug: z.string(), apiKeys: z.int(), passkeys: z.int(), identities: z.int(), hasApp: z.boolean() }),
  perDestinationAndHour: 10,
  render: ({ slug, apiKeys, passkeys, identities, hasApp }) => {
    const ways = [
      ...(passkeys === 0 ? [] : [`- ${counted(passkeys, "passkey")}`]),
      ...(apiKeys === 0 ? [] : [`- ${counted(apiKeys, "API key")}`]),
      ...(identities === 0 ? [] : [`- ${counted(identities, "linked account")} of identity providers`]),
      ...(hasApp ? ["- An authenticator app, whose codes logins require"] : []),
    ];
    return {
      subject: "Your email address was confirmed",
      text: [
        `Your email address was confirmed for an account in the organization ${slug} on Weft. Apart from its password, the account has:`,
        ways.join("\n"),
        "If you did not add these, reset the password of the account, if it has one: this ends its sessions, API keys, and passkeys. Also tell your administrator, who can remove the rest: an authenticator app, and linked accounts of identity providers.",
      ].join("\n\n"),
    };
  },
});

/** Goes to the former address. It does not contain the new one, because the former one can be a stranger's, entered by mistake. */
const emailChanged = template({
  values: z.strictObject({ slug: z.string(), by: z.enum(["USER", "ADMINISTRATOR"]) }),
  perDestinationAndHour: 10,
  reachesFormerAddress: true,
  render: ({ slug, by }) => ({
    subject: "Your email address was changed",
    text: [
      by === "USER"
        ? `The email address of your account in the organization ${slug} on Weft was changed, and your other sessions were ended.`
        : `An administrator changed the email address of your account in the organization ${slug} on Weft, and your sessions were ended.`,
      "This address no longer works for logins, and links to reset your password go to the new one.",
      "If you did not expect this, tell your administrator at once.",
    ].join("\n\n"),
  }),
});

/** The name is quoted, because users choose it. */
const breakGlassUsed = template({
  values: z.strictObject({ slug: z.string(), user: z.string(), address: z.string() }),
  perDestinationAndHour: 10,
  isCountedApart: true,
  render: ({ slug, user, address }) => ({
    subject: `A break-glass user logged in at ${slug}`,
    text: [
      `Your organization ${slug} uses Weft and requires single sign-on. A user who is exempt from it logged in with a password, from the address ${line(address)}:`,
      quotation(user),
      "If nobody should have done this, deactivate the user at once, and look at the audit log.",
    ].join("\n\n"),
  }),
});

const providerLinked = template({
  values: z.strictObject({ slug: z.string(), provider: z.string(), isTakenOver: z.boolean() }),
  perDestinationAndHour: 10,
  render: ({ slug, provider, isTakenOver }) => ({
    subject: "You can log in with your organization",
    text: [
      `You have logged in to the organization ${slug} on Weft with ${line(provider)}. From now on, you log in with it.`,
      ...(isTakenOver
        ? [
            "Nobody had confirmed your email address before, so somebody else could have used your account. Its password, second factors and API keys were removed, and its sessions were ended.",
          ]
        : []),
      "If it was not you, tell your administrator at once.",
    ].join("\n\n"),
  }),
});

/** `until` is the last day of a verification, such as `2026-03-01`. Null: it has ended. */
const domainRecordMissing = template({
  values: z.strictObject({ slug: z.string(), domain: z.string(), name: z.string(), value: z.string(), until: z.string().nullable() }),
  perDestinationAndHour: 10,
  render: ({ slug, domain, name, value, until }) => ({
    subject: until === null ? `${domain} is no longer verified` : `The DNS record of ${domain} is missing`,
    text: [
      until === null
        ? `The domain ${line(domain)} of your organization ${slug} is no longer verified at Weft, because its DNS record has been missing for a week. Logins are no longer routed by this domain. Users who have logged in with your identity provider still can.`
        : `The DNS record that proves that the domain ${line(domain)} belongs to your organization ${slug} is missing. If it is not there again by ${until}, the domain is no longer verified, and Weft does not route its users' logins to your identity provider.`,
      `Publish this TXT record:\n\n${line(name)}\n${line(value)}`,
      ...(until === null ? ["Then verify the domain again."] : []),
    ].join("\n\n"),
  }),
});

const secondFactorNotices = {
  ENABLED: ["Two-step login is on", "A second factor was added to your account, and your other sessions were ended."],
  DISABLED: ["Two-step login is off", "The second factor of your account was removed."],
  PASSKEY_ADDED: ["A passkey was added", "A passkey was added to your account. It logs in without your password."],
  PASSKEY_REMOVED: ["A passkey was removed", "A passkey of your account was removed."],
  APP_REMOVED: ["Your authenticator app was removed", "The authenticator app of your account was removed. Your passkeys stay."],
  APP_REPLACED: [
    "Your authenticator app was replaced",
    "The authenticator app and the recovery codes of your account were replaced. The old ones no longer work, and your other sessions were ended.",
  ],
  RESET: ["Your second factor was removed", "An administrator removed the second factor of your account and ended your sessions."],
  CODES_REPLACED: ["You have new recovery codes", "The recovery codes of your account were replaced. The old ones no longer work."],
  CODE_USED: ["A recovery code was used", "A recovery code was used instead of your second factor. It does not work again."],
  CODES_WRONG: [
    "Several wrong codes after your password",
    "Somebody has entered your password correctly, and then several wrong codes of your second factor. Without a right code, nobody gets in.",
  ],
} as const;

const secondFactorChanged = template({
  values: z.strictObject({
    slug: z.string(),
    change: z.enum([
      "ENABLED",
      "DISABLED",
      "PASSKEY_ADDED",
      "PASSKEY_REMOVED",
      "APP_REMOVED",
      "APP_REPLACED",
      "RESET",
      "CODES_REPLACED",
      "CODE_USED",
      "CODES_WRONG",
    ]),
  }),
  perDestinationAndHour: 20,
  render: ({ slug, change }) => {
    const [subject, text] = secondFactorNotices[change];
    return {
      subject,
      text: [
        text,
        `The account is in the organization ${slug} on Weft.`,
        "If it was not you, change your password at once, and tell your administrator.",
      ].join("\n\n"),
    };
  },
});

/** Contains IDs, not the reasons, which other users have written. */
const legalHoldEnded = template({
  values: z.strictObject({ slug: z.string(), hold: z.string(), object: z.string() }),
  perDestinationAndHour: 20,
  isCountedApart: true,
  render: ({ slug, hold, object }) => ({
    subject: "A legal hold that you placed has ended",
    text: [
      `Another user has ended the legal hold ${hold} on ${object}, which you placed in the organization ${slug} on Weft. People whom it covered can now be anonymized or erased.`,
      "If you still need it, place a new one at once. The query legalHold says who ended it, and why.",
    ].join("\n\n"),
  }),
});

const apiKeyNotices = {
  CREATED: ["You have a new API key", "An API key was created by your account"],
  ROTATED: ["An API key was replaced", "An API key was replaced by your account"],
} as const;

/** Contains the ends of the keys, not their names: whoever has made a key chose its name. */
const apiKeysExpiring = template({
  values: z.strictObject({ slug: z.string(), keys: z.array(z.strictObject({ hint: z.string(), expiresAt: z.string() })) }),
  perDestinationAndHour: 20,
  render: ({ slug, keys }) => ({
    subject: keys.length === 1 ? "An API key expires soon" : `${keys.length} API keys expire soon`,
    text: [
      `In the organization ${slug} on Weft, ${keys.length === 1 ? "an API key expires" : "these API keys expire"} soon. Programs that use ${keys.length === 1 ? "it" : "them"} then stop working.`,
      keys.map(({ hint, expiresAt }) => `- the key that ends with ${line(hint)}: ${expiresAt}`).join("\n"),
      "To keep a key, change its expiry with updateApiKey. A new secret (rotateApiKey) does not change the expiry.",
    ].join("\n\n"),
  }),
});

/** Contains the end of the key, not its name: whoever has made the key chose the name. */
const apiKeyChanged = template({
  values: z.strictObject({ slug: z.string(), change: z.enum(["CREATED", "ROTATED"]), hint: z.string() }),
  perDestinationAndHour: 20,
  render: ({ slug, change, hint }) => {
    const [subject, text] = apiKeyNotices[change];
    return {
      subject,
      text: [
        `${text} in the organization ${slug} on Weft. It ends with ${line(hint)}.`,
        "If it was not you, revoke the key, change your password at once, and tell your administrator.",
      ].join("\n\n"),
    };
  },
});

/** Every email template of Weft. Rows reference their template by name, so names must not be removed once used. */
export const mailTemplates = {
  invitation,
  emailVerification,
  taskLink,
  vendorInvitation,
  notificationTest,
  passwordReset,
  passwordChanged,
  emailVerified,
  emailChanged,
  breakGlassUsed,
  providerLinked,
  domainRecordMissing,
  secondFactorChanged,
  apiKeyChanged,
  legalHoldEnded,
  apiKeysExpiring,
};

export type MailTemplateName = keyof typeof mailTemplates;
export type MailValues<Name extends MailTemplateName> = z.infer<(typeof mailTemplates)[Name]["values"]>;

/** Returns whether this version has a template of this name. */
export const isMailTemplate = (name: string): name is MailTemplateName => Object.hasOwn(mailTemplates, name);

/** Returns whether emails of the template are delivered to an address that the user no longer has. */
export const reachesFormerAddress = (name: string): boolean =>
  isMailTemplate(name) && (mailTemplates[name] as MailTemplate).reachesFormerAddress === true;

/** Names of the templates whose emails are counted apart. */
export const templatesCountedApart: readonly string[] = Object.entries<MailTemplate>(mailTemplates)
  .filter(([, { isCountedApart }]) => isCountedApart === true)
  .map(([name]) => name);

/**
 * Renders an email.
 * @throws if the values do not match because they were written for another version of the template
 */
export function renderMail(name: MailTemplateName, values: unknown): MailText {
  const { values: schema, render } = mailTemplates[name] as MailTemplate;
  return render(schema.parse(values));
}
