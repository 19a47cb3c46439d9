export { bounceAddress, COMPLAINTS, findBounceAddress, readBounceLocalPart } from "./bounce-address.js";
export { type MailingTenant, mailsPerHour } from "./mail-allowance.js";
export { MailContent, refusalOfMail } from "./mail-content.js";
export { startMailSender } from "./mail-sender.js";
export type { MailValues } from "./mail-templates.js";
export { canSendTexts, mailFolderOf, MailRefused, type MailTransport, type OutgoingMail, textFolderOf } from "./mail-transport.js";
export { pastMails } from "./past-mails.js";
export { pastTokens } from "./past-tokens.js";
export { readRequestLocalPart, requestLocalPart } from "./request-token.js";
export {
  assertMailIsSent,
  canSendMail,
  destinationHash,
  dropMailsAbout,
  findMailStates,
  type MailToSend,
  sendMail,
  wakeMailSender,
} from "./send-mail.js";
