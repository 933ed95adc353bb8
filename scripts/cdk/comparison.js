// The mistakes of docs/comparison.md as CDK apps write them, one stack a mistake, named by the template it stands for.
// `cdk synth -c mistake=NAME` makes that stack alone, since CDK stops at the first error of an app.
const { App, Duration, Size, Stack } = require("aws-cdk-lib");
const { ServicePrincipal } = require("aws-cdk-lib/aws-iam");
const apigateway = require("aws-cdk-lib/aws-apigateway");
const lambda = require("aws-cdk-lib/aws-lambda");

const { Code, Function, FunctionUrlAuthType, LayerVersion, Runtime } = lambda;
const { EndpointType, HttpIntegration, LambdaIntegration, RestApi, SpecRestApi } = apigateway;
const STREAM = apigateway.ResponseTransferMode.STREAM;

const mistakes = {
  "E107/bad_sam_only": (stack) => {
    tag(regional(stack).root.addMethod("GET", new LambdaIntegration(fn(stack))), true);
  },

  "E201/bad_misspelt_route": (stack) => {
    const handler = fn(stack);
    regional(stack).root.addResource("chat").addMethod("POST", new LambdaIntegration(handler));
    tag(handler, "POST /caht");
    stack.addTransform("SamStream");
  },

  "E202/bad_aws_integration_by_hand": (stack) => {
    const integration = new LambdaIntegration(fn(stack), { proxy: false, responseTransferMode: STREAM });
    regional(stack).root.addMethod("POST", integration);
  },

  "E203/bad_streams_by_hand": (stack) => {
    regional(stack).root.addMethod("GET", streaming(fn(stack), { timeout: Duration.millis(30) }));
  },

  "E204/bad_mode_alone": (stack) => {
    const method = regional(stack).root.addMethod("POST", new LambdaIntegration(fn(stack)));
    method.node.defaultChild.addPropertyOverride("Integration.ResponseTransferMode", "STREAM");
  },

  "E204/bad_uri_alone": (stack) => {
    spec(stack, fn(stack), { responseTransferMode: undefined });
  },

  "E204/bad_sams_word": (stack) => {
    spec(stack, fn(stack), { responseTransferMode: "RESPONSE_STREAM" });
  },

  "E301/bad_misspelt": (stack) => {
    regional(stack).root.addMethod("ANY", streaming(adapter(stack, { AWS_LWA_INVOKE_MODE: "streaming" })));
  },

  "E303/bad_no_route_streams": (stack) => {
    const handler = adapter(stack, { AWS_LWA_INVOKE_MODE: "response_stream" });
    regional(stack).root.addMethod("ANY", new LambdaIntegration(handler));
  },

  "E401/bad_stage_description": (stack) => {
    const api = regional(stack, { deploy: false });
    const method = api.root.addMethod("GET", new LambdaIntegration(fn(stack)));
    tag(method, true);
    stack.addTransform("SamStream");
    const deployment = new apigateway.CfnDeployment(stack, "Release", {
      restApiId: api.restApiId,
      stageName: "live",
      stageDescription: { tracingEnabled: true },
    });
    deployment.node.addDependency(method);
  },

  "W203/bad_sams_own_property": (stack) => {
    regional(stack).root.addMethod("POST", streaming(fn(stack, { timeout: Duration.minutes(5) })));
  },

  "W203/bad_http_proxy_by_hand": (stack) => {
    const options = { responseTransferMode: STREAM };
    const integration = new HttpIntegration("https://inference.example.com/", { proxy: true, httpMethod: "POST", options });
    regional(stack).root.addMethod("POST", integration);
  },

  "W204/bad_by_hand": (stack) => {
    const handler = fn(stack, { timeout: Duration.minutes(2) });
    regional(stack).root.addMethod("GET", streaming(handler, { timeout: Duration.minutes(15) }));
  },

  "W303/bad_java_by_hand": (stack) => {
    const handler = fn(stack, { runtime: Runtime.PYTHON_3_13, code: Code.fromInline("def handler(event, context): ...") });
    regional(stack).root.addMethod("GET", streaming(handler));
  },

  "W304/bad_get_streams_post_does_not": (stack) => {
    const handler = fn(stack);
    const { root } = regional(stack);
    root.addMethod("GET", streaming(handler));
    root.addMethod("POST", new LambdaIntegration(handler));
  },

  "W305/bad_function_url": (stack) => {
    const handler = adapter(stack, { AWS_LWA_INVOKE_MODE: "response_stream" });
    handler.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    regional(stack).root.addMethod("GET", streaming(handler));
  },

  "W306/bad_globals": (stack) => {
    regional(stack).root.addMethod("POST", streaming(fn(stack, { timeout: undefined })));
  },

  "W308/bad_no_permission": (stack) => {
    spec(stack, fn(stack), {}, { permitted: false });
  },

  "W401/bad_no_deployment": (stack) => {
    regional(stack, { deploy: false }).root.addMethod("GET", streaming(fn(stack)));
  },

  "W402/bad_edge_of_globals": (stack) => {
    new RestApi(stack, "Api", { cloudWatchRole: false }).root.addMethod("POST", streaming(fn(stack)));
  },

  "W403/bad_route_cached": (stack) => {
    const deployOptions = { cacheClusterEnabled: true, methodOptions: { "/charts/GET": { cachingEnabled: true } } };
    regional(stack, { deployOptions }).root.addResource("charts").addMethod("GET", streaming(fn(stack)));
  },

  "W404/bad_compression_of_globals": (stack) => {
    regional(stack, { minCompressionSize: Size.kibibytes(1) }).root.addMethod("POST", streaming(fn(stack)));
  },

  "W405/bad_deployment_id_by_parameter": (stack) => {
    const api = regional(stack);
    api.root.addMethod("GET", streaming(fn(stack)));
    new apigateway.CfnStage(stack, "Pinned", { restApiId: api.restApiId, deploymentId: "4f2kq1", stageName: "pinned" });
  },
};

function tag(construct, value) {
  construct.node.defaultChild.addMetadata("Streaming", value);
}

function regional(stack, options = {}) {
  return new RestApi(stack, "Api", { endpointTypes: [EndpointType.REGIONAL], cloudWatchRole: false, ...options });
}

function fn(stack, options = {}) {
  const code = Code.fromInline("exports.handler = awslambda.streamifyResponse(async (event, stream) => stream.end());");
  const defaults = { runtime: Runtime.NODEJS_22_X, handler: "index.handler", timeout: Duration.seconds(20), code };
  return new Function(stack, "Handler", { ...defaults, ...options });
}

function adapter(stack, environment) {
  const arn = `arn:aws:lambda:${stack.region}:753240598075:layer:LambdaAdapterLayerX86:30`;
  return fn(stack, {
    runtime: Runtime.PYTHON_3_13,
    handler: "run.sh",
    code: Code.fromInline("# the app"),
    environment: { AWS_LAMBDA_EXEC_WRAPPER: "/opt/bootstrap", ...environment },
    layers: [LayerVersion.fromLayerVersionArn(stack, "Adapter", arn)],
  });
}

function streaming(handler, options = {}) {
  return new LambdaIntegration(handler, { responseTransferMode: STREAM, ...options });
}

function spec(stack, handler, options, { permitted = true } = {}) {
  const { partition, region } = stack;
  const integration = {
    type: "aws_proxy",
    httpMethod: "POST",
    responseTransferMode: "STREAM",
    uri: `arn:${partition}:apigateway:${region}:lambda:path/2021-11-15/functions/${handler.functionArn}/response-streaming-invocations`,
    ...options,
  };
  const paths = { "/notes": { get: { responses: {}, "x-amazon-apigateway-integration": integration } } };
  const definition = { openapi: "3.0.1", info: { title: "notes", version: "1" }, paths };
  new SpecRestApi(stack, "Api", {
    apiDefinition: apigateway.ApiDefinition.fromInline(definition),
    endpointTypes: [EndpointType.REGIONAL],
    cloudWatchRole: false,
  });
  if (permitted) {
    handler.addPermission("Gateway", { principal: new ServicePrincipal("apigateway.amazonaws.com") });
  }
}

const app = new App({ analyticsReporting: false });
const mistake = app.node.tryGetContext("mistake");
if (mistake === undefined) {
  console.log(Object.keys(mistakes).join("\n"));
} else {
  mistakes[mistake](new Stack(app, mistake.replace(/[/_]/g, "-")));
}
