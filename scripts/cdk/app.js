// Synthesizes the CDK stacks that the tests process: `npm install && npm run synth`.
// Each stack lists SamStream as its only transform, as users of CDK do, and tags by Metadata.
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { App, Duration, RemovalPolicy, Stack } = require("aws-cdk-lib");
const { Alias, CfnFunction, Code, Function, LayerVersion, Runtime } = require("aws-cdk-lib/aws-lambda");
const apigateway = require("aws-cdk-lib/aws-apigateway");
const sfn = require("aws-cdk-lib/aws-stepfunctions");

const stacks = {
  // RestApi with resources by hand, one method tagged
  rest_api(stack) {
    const api = new apigateway.RestApi(stack, "Api");
    const chat = api.root.addResource("v1").addResource("chat");
    tag(chat.addMethod("POST", integration(stack, "Chat")));
    chat.addMethod("GET", new apigateway.LambdaIntegration(fn(stack, "List")));
  },

  // LambdaRestApi: ANY on the root and on {proxy+}, the function tagged
  proxy(stack) {
    const handler = fn(stack, "Handler");
    new apigateway.LambdaRestApi(stack, "Api", { handler });
    tag(handler);
  },

  // the Lambda Web Adapter's layer, behind an alias
  adapter_alias(stack) {
    const handler = new Function(stack, "App", {
      runtime: Runtime.PYTHON_3_13,
      handler: "run.sh",
      code: Code.fromInline("# the app"),
      timeout: Duration.minutes(5),
      environment: { AWS_LAMBDA_EXEC_WRAPPER: "/opt/bootstrap" },
      layers: [
        LayerVersion.fromLayerVersionArn(
          stack,
          "Adapter",
          `arn:aws:lambda:${stack.region}:753240598075:layer:LambdaAdapterLayerX86:30`,
        ),
      ],
    });
    const alias = new Alias(stack, "Live", { aliasName: "live", version: handler.currentVersion });
    new apigateway.LambdaRestApi(stack, "Api", { handler: alias });
    tag(handler);
  },

  // the API tagged, CORS preflights beside, throttling, logs and a stage name of its own
  cors_and_stage_options(stack) {
    const api = new apigateway.RestApi(stack, "Api", {
      defaultCorsPreflightOptions: { allowOrigins: apigateway.Cors.ALL_ORIGINS },
      deployOptions: { stageName: "live", throttlingRateLimit: 10, tracingEnabled: true, variables: { colour: "blue" } },
      endpointTypes: [apigateway.EndpointType.REGIONAL],
    });
    const users = api.root.addResource("users", { defaultIntegration: integration(stack, "Users") });
    users.addMethod("GET");
    users.addResource("{id}").addMethod("GET");
    tag(api, { TimeoutInMillis: 60000 });
  },

  // an OpenAPI document inline, an operation tagged in it
  spec_inline(stack) {
    const handler = fn(stack, "Handler");
    new apigateway.SpecRestApi(stack, "Api", {
      apiDefinition: apigateway.ApiDefinition.fromInline({
        openapi: "3.0.1",
        info: { title: "inline", version: "1" },
        paths: {
          "/chat": {
            post: {
              "x-samstream-streaming": true,
              responses: {},
              "x-amazon-apigateway-integration": {
                type: "aws_proxy",
                httpMethod: "POST",
                uri: `arn:${stack.partition}:apigateway:${stack.region}:lambda:path/2015-03-31/functions/${handler.functionArn}/invocations`,
              },
            },
          },
        },
      }),
    });
  },

  // a state machine's AWS integration beside a tagged API: only the proxy route streams
  step_functions(stack) {
    const api = new apigateway.RestApi(stack, "Api");
    api.root.addResource("stream").addMethod("GET", integration(stack, "Stream"));
    const machine = new sfn.StateMachine(stack, "Flow", {
      stateMachineType: sfn.StateMachineType.EXPRESS,
      definitionBody: sfn.DefinitionBody.fromChainable(new sfn.Pass(stack, "Pass")),
    });
    api.root.addResource("flow").addMethod("POST", apigateway.StepFunctionsIntegration.startExecution(machine));
    tag(api);
  },

  // two stages with a deployment each, one of them made by hand
  two_stages(stack) {
    const api = new apigateway.RestApi(stack, "Api", { deployOptions: { stageName: "live" } });
    const method = api.root.addMethod("GET", integration(stack, "Root"));
    tag(method);
    const deployment = new apigateway.Deployment(stack, "Next", { api });
    deployment.node.addDependency(method);
    new apigateway.Stage(stack, "NextStage", { deployment, stageName: "next" });
  },

  // a canary on the stage, set through the escape hatch
  canary(stack) {
    const api = new apigateway.RestApi(stack, "Api");
    tag(api.root.addMethod("ANY", integration(stack, "Root")));
    const stage = api.deploymentStage.node.defaultChild;
    stage.canarySetting = { percentTraffic: 10, deploymentId: api.latestDeployment.deploymentId };
  },

  // HTTP_PROXY beside, an authorizer and an API key with a usage plan
  http_and_auth(stack) {
    const api = new apigateway.RestApi(stack, "Api");
    const authorizer = new apigateway.TokenAuthorizer(stack, "Door", { handler: fn(stack, "Doorman") });
    const options = { authorizer, apiKeyRequired: true };
    tag(api.root.addResource("lambda").addMethod("GET", integration(stack, "Handler"), options));
    const http = new apigateway.HttpIntegration("https://example.com/stream", { proxy: true });
    tag(api.root.addResource("http").addMethod("GET", http), { TimeoutInMillis: 120000 });
    api.addUsagePlan("Plan", { apiStages: [{ api, stage: api.deploymentStage }] }).addApiKey(api.addApiKey("Key"));
  },

  // code as an asset, whose bucket and key CDK writes with Fn::Sub and a hash
  asset(stack) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "asset-"));
    fs.writeFileSync(path.join(folder, "index.js"), "exports.handler = () => {};\n");
    const handler = new Function(stack, "Handler", {
      runtime: Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: Code.fromAsset(folder),
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    new apigateway.LambdaRestApi(stack, "Api", { handler: handler.currentVersion, proxy: false }).root.addMethod("PUT");
    tag(handler, ["PUT /"]);
  },

  // streaming as CDK itself writes it, one tagged route beside
  cdk_own_streaming(stack) {
    const api = new apigateway.RestApi(stack, "Api");
    const own = { responseTransferMode: apigateway.ResponseTransferMode.STREAM };
    api.root.addResource("theirs").addMethod("GET", new apigateway.LambdaIntegration(fn(stack, "Theirs"), own));
    tag(api.root.addResource("ours").addMethod("GET", integration(stack, "Ours")));
  },
};

function fn(stack, name) {
  const code = Code.fromInline("exports.handler = () => {}");
  return new Function(stack, name, { runtime: Runtime.NODEJS_22_X, handler: "index.handler", code });
}

function integration(stack, name) {
  return new apigateway.LambdaIntegration(fn(stack, name));
}

function tag(construct, value = true) {
  const resource = construct instanceof CfnFunction ? construct : construct.node.defaultChild;
  resource.addMetadata("Streaming", value);
}

const target = path.resolve(process.argv[2]);
const app = new App({ analyticsReporting: false });
for (const [name, build] of Object.entries(stacks)) {
  const stack = new Stack(app, name.replaceAll("_", "-"));
  stack.addTransform("SamStream");
  build(stack);
}
const assembly = app.synth();
for (const name of Object.keys(stacks)) {
  const template = assembly.getStackByName(name.replaceAll("_", "-")).template;
  fs.writeFileSync(path.join(target, `${name}.json`), `${JSON.stringify(template, null, 1)}\n`);
}
