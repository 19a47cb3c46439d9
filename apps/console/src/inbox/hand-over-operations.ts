import { graphql } from "../gql";

export const askForInformation = graphql(`
  mutation ConsoleAskForInformation($input: AskForInformationInput!) {
    askForInformation(input: $input) {
      task {
        id
      }
    }
  }
`);

export const answerQuestion = graphql(`
  mutation ConsoleAnswerQuestion($input: AnswerQuestionInput!) {
    answerQuestion(input: $input) {
      task {
        id
      }
    }
  }
`);

export const withdrawQuestion = graphql(`
  mutation ConsoleWithdrawQuestion($input: KeyedVersionedIdInput!) {
    withdrawQuestion(input: $input) {
      task {
        id
      }
    }
  }
`);

export const assignTask = graphql(`
  mutation ConsoleAssignTask($input: AssignTaskInput!) {
    assignTask(input: $input) {
      task {
        id
      }
    }
  }
`);
