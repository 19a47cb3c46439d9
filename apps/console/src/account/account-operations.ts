import { graphql } from "../gql";

export const factorsQuery = graphql(`
  query ConsoleSecondFactors {
    secondFactors {
      methods
      isRequired
      totpEnabledAt
      totpLastUsedAt
      recoveryCodesLeft
      passkeys {
        id
        name
        createdAt
        lastUsedAt
      }
    }
  }
`);

export const sessionsQuery = graphql(`
  query ConsoleSessions {
    sessions {
      id
      isCurrent
      device {
        browser
        operatingSystem
      }
      address
      createdAt
      lastUsedAt
    }
  }
`);

export const revokeSession = graphql(`
  mutation ConsoleRevokeSession($input: IdInput!) {
    revokeSession(input: $input) {
      __typename
    }
  }
`);

export const profileQuery = graphql(`
  query ConsoleProfile {
    me {
      id
      version
      name
      email
      username
      profile {
        title
        phone
        locale
        timeZone
      }
    }
  }
`);

export const updateProfile = graphql(`
  mutation ConsoleUpdateProfile($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      user {
        id
        version
      }
    }
  }
`);

export const enrolTotp = graphql(`
  mutation ConsoleEnrolTotp($input: SecondFactorCodeInput) {
    enrolTotp(input: $input) {
      secret
      uri
    }
  }
`);

export const confirmTotp = graphql(`
  mutation ConsoleConfirmTotp($input: ConfirmTotpInput!) {
    confirmTotp(input: $input) {
      recoveryCodes
    }
  }
`);

export const removeTotp = graphql(`
  mutation ConsoleRemoveTotp($input: SecondFactorCodeInput!) {
    removeTotp(input: $input) {
      secondFactors {
        methods
      }
    }
  }
`);

export const regenerateCodes = graphql(`
  mutation ConsoleRegenerateCodes($input: SecondFactorCodeInput!) {
    regenerateRecoveryCodes(input: $input) {
      recoveryCodes
    }
  }
`);

export const startPasskey = graphql(`
  mutation ConsoleStartPasskey($input: SecondFactorCodeInput) {
    startPasskeyRegistration(input: $input) {
      options
    }
  }
`);

export const registerPasskey = graphql(`
  mutation ConsoleRegisterPasskey($input: RegisterPasskeyInput!) {
    registerPasskey(input: $input) {
      recoveryCodes
    }
  }
`);

export const removePasskey = graphql(`
  mutation ConsoleRemovePasskey($input: RemovePasskeyInput!) {
    removePasskey(input: $input) {
      secondFactors {
        methods
      }
    }
  }
`);

export const startAssertion = graphql(`
  mutation ConsoleStartAssertion {
    startPasskeyAssertion {
      options
    }
  }
`);

export const reauthenticate = graphql(`
  mutation ConsoleReauthenticate($input: ReauthenticateInput!) {
    reauthenticate(input: $input) {
      authenticatedAt
    }
  }
`);
