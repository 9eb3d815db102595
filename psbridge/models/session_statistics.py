"""The statistics of a move's sessions in; the time on each side, and its latency, out."""

from __future__ import annotations

from typing import Annotated

from psbridge.models.base import Model, many, many_properties, one, prop
from psbridge.models.read import Read
from psbridge.models.shapes import Duration, Int, Text
from psbridge.models.values import BeyondDepth

__all__ = ["LatencyInfo", "NamedDuration", "ProviderInfo", "SessionStatistics"]


class LatencyInfo(Model):
    """Microsoft.Exchange.MailboxReplicationService.LatencyInfo; `average` is in milliseconds."""

    average: Int | None = prop("Average")
    number_of_latency_sampling_calls: Int | None = prop("NumberOfLatencySamplingCalls")
    total_number_of_remote_calls: Int | None = prop("TotalNumberOfRemoteCalls")


class NamedDuration(Model):
    """Microsoft.Exchange.MailboxReplicationService.Duration: the time that one kind of call took."""

    name: Text | None = prop("Name")
    total_duration: Duration | None = prop("TotalDuration")


class ProviderInfo(Model):
    """Microsoft.Exchange.MailboxReplicationService.ProviderInfo."""

    total_duration: Duration | None = prop("TotalDuration")
    durations: Annotated[tuple[NamedDuration | BeyondDepth, ...], Read(many(NamedDuration))] = many_properties("Durations")


Latency = Annotated[LatencyInfo | BeyondDepth, Read(one(LatencyInfo))]
Provider = Annotated[ProviderInfo | BeyondDepth, Read(one(ProviderInfo))]


class SessionStatistics(Model):
    """Microsoft.Exchange.MailboxReplicationService.SessionStatistics."""

    session_id: Text | None = prop("SessionId")
    source_latency_info: Latency | None = prop("SourceLatencyInfo")
    destination_latency_info: Latency | None = prop("DestinationLatencyInfo")
    source_provider_info: Provider | None = prop("SourceProviderInfo")
    destination_provider_info: Provider | None = prop("DestinationProviderInfo")
    total_time_processing_messages: Duration | None = prop("TotalTimeProcessingMessages")
    total_messages_processed: Int | None = prop("TotalMessagesProcessed")
