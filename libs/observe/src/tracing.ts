import type { Environment, Log } from '@countersign/runtime';

const END_WITHIN_MS = 2000;

/** Ends what was begun: spans not sent yet are sent, for at most 2 s. */
export type EndTracing = () => Promise<void>;

/** Whether the variables of OpenTelemetry name somebody to export traces to. */
export function tracesWanted(environment: Environment): boolean {
  const told = environment.has('OTEL_EXPORTER_OTLP_ENDPOINT') || environment.has('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT');
  return told && !(environment.has('OTEL_SDK_DISABLED') && environment.text('OTEL_SDK_DISABLED', '') === 'true');
}

/**
 * From now on spans are exported as OTLP over HTTP, in batches and beside the work; a collector that is not there costs
 * spans, nothing else. The SDK reads its own variables (endpoint, headers, sampler, batches) and is loaded only here, so that it
 * costs nothing where nobody wants traces.
 */
export async function startTracing(service: string, version: string, log: Log): Promise<EndTracing> {
  const [{ trace, context }, base, { OTLPTraceExporter }, { AsyncLocalStorageContextManager }, resources] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/context-async-hooks'),
      import('@opentelemetry/resources'),
    ]);
  const own = resources.resourceFromAttributes({ 'service.name': service, 'service.version': version });
  const provider = new base.BasicTracerProvider({
    resource: own.merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new base.BatchSpanProcessor(new OTLPTraceExporter())],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  log.info('traces are exported');
  return async () => {
    const late = new Promise<void>((resolve) => setTimeout(resolve, END_WITHIN_MS).unref());
    await Promise.race([provider.shutdown().catch(() => undefined), late]);
  };
}
