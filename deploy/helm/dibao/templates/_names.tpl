{{/* Names, labels and addresses that several templates speak of. */}}

{{- define "dibao.selector" -}}
app.kubernetes.io/name: dibao
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "dibao.labels" -}}
{{ include "dibao.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "dibao.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "dibao.kafka" -}}
{{- if .Values.kafka.enabled -}}
{{ .Release.Name }}-kafka-bootstrap:9093
{{- else -}}
{{ required "kafka.bootstrap names the servers (HOST:PORT,HOST:PORT) where kafka.enabled is false" .Values.kafka.bootstrap }}
{{- end -}}
{{- end }}

{{- define "dibao.processes" -}}
{{ .Files.Get "files/processes.json" }}
{{- end }}

{{/* On its first installation a release with servers of its own has none yet that a hook could prepare. */}}
{{- define "dibao.prepared-beside" -}}
{{- if and .Release.IsInstall (or .Values.kafka.enabled .Values.postgres.enabled) }}true{{ end -}}
{{- end }}
