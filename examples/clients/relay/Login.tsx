import { useState } from "react";
import { graphql, useMutation } from "react-relay";
import { credentialsOf } from "../shared/page";
import { saveSession } from "../shared/session";
import type { LoginMutation } from "./__generated__/LoginMutation.graphql";

export function Login() {
  const [problem, setProblem] = useState("");
  const [logIn] = useMutation<LoginMutation>(graphql`
    mutation LoginMutation($input: LoginInput!) {
      login(input: $input) {
        accessToken
        accessTokenExpiresAt
        refreshToken
      }
    }
  `);
  const submit = (form: FormData): void => {
    logIn({
      variables: { input: credentialsOf(form) },
      // Mutations are nullable: null is what failed, and the errors say why.
      onCompleted: ({ login }, errors) => (login ? saveSession(login) : setProblem(errors?.[0]?.message ?? "")),
      onError: ({ message }) => setProblem(message),
    });
  };
  return (
    <form id="login" action={submit}>
      <p id="problem" role="alert">
        {problem}
      </p>
      <label>
        Login <input name="login" autoComplete="username" defaultValue="operations@acme.com" />
      </label>
      <label>
        Password <input name="password" type="password" autoComplete="current-password" />
      </label>
      <button>Log in</button>
    </form>
  );
}
