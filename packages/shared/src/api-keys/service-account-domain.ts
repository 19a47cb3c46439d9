/** Domain of the addresses of service accounts, which no email reaches (RFC 2606). Other users cannot use it. */
export const serviceAccountDomain = "service-account.invalid";
