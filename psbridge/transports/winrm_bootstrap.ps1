# A request on standard input in; on standard output every record of its pipelines out. Constant: no value ever stands in here.
#
# In: one line, the base64 of the UTF-8 of CLIXML: a Hashtable with Mark (a random text) and Pipelines, each a list of
# commands with Name and Parameters. All but the last pipeline connect the session; one with an error ends the run.
# One more line stops the pipeline that runs; the end of the input does not.
# Out: lines "MARK NUMBER KIND LENGTH BASE64"; NUMBER counts from 1, LENGTH is that of BASE64. What lacks the mark is not ours.
# Windows PowerShell 5.1 reads it too: nothing newer is used. Comments and indentation are taken out before it is sent.
$ErrorActionPreference = 'Stop'
$serializer = [Management.Automation.PSSerializer]
# By reflection: a call would unwrap the object, and its notes would be lost.
$serialize = $serializer.GetMethod('Serialize', [type[]]([object], [int]))
$utf8 = [Text.Encoding]::UTF8
# Not [Console]::In: its asynchronous reading waits.
$reader = New-Object IO.StreamReader ([Console]::OpenStandardInput())
$line = $reader.ReadLine() -replace '[^A-Za-z0-9+/=]'
$asked = $serializer::Deserialize($utf8.GetString([Convert]::FromBase64String($line)))
$stop = $reader.ReadLineAsync()
$script:number = 0
$errors = @{n = 0}
$say = {
    param($kind, $value)
    $body = ''
    if ($null -ne $value) {
        # Depth 1, as in a remoting session.
        try { $text = $serialize.Invoke($null, [object[]]($value, 1)) }
        catch { $text = $serializer::Serialize(("$kind`: $_" -replace '[\uFFFE\uFFFF]', '?')); $kind = 'unwritable' }
        $body = [Convert]::ToBase64String($utf8.GetBytes($text))
    }
    $script:number++
    [Console]::Out.WriteLine("$($asked.Mark) $number $kind $($body.Length) $body")
}
# What PowerShell sends as a bag of notes.
$bag = {
    param($names, $values)
    $made = [psobject]::new()
    $made.PSObject.TypeNames.Clear()
    for ($i = 0; $i -lt $names.Count; $i++) { $made.PSObject.Properties.Add([psnoteproperty]::new($names[$i], $values[$i])) }
    $made
}
$drain = {
    foreach ($item in $output.ReadAll()) { & $say output $item }
    foreach ($name in 'error', 'warning', 'verbose', 'debug', 'information', 'progress') {
        foreach ($item in $shell.Streams.$name.ReadAll()) {
            if ($name -eq 'error') { $errors.n++ }
            if ($name -in 'information', 'progress') {
                $all = @($item.PSObject.Properties)
                $item = & $bag @($all | & { process { $_.Name -replace '^RecordType', 'Type' } }) @($all | & { process { , $_.Value } })
            }
            & $say $name $item
        }
    }
}
$runspace = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
$runspace.Open()
foreach ($pipeline in $asked.Pipelines) {
    $shell = [powershell]::Create()
    $shell.Runspace = $runspace
    # As a remoting session has it: an error in a function that is not handled there ends the pipeline.
    $hidden = [Reflection.BindingFlags]'Instance, NonPublic'
    [powershell].GetProperty('RedirectShellErrorOutputPipe', $hidden).SetValue($shell, $false, $null)
    foreach ($command in $pipeline) {
        # A constant script of psbridge, in a scope of its own.
        $null = if ($command.Script) { $shell.AddScript($command.Script, $true) } else { $shell.AddCommand($command.Name) }
        $null = $shell.AddParameters($command.Parameters)
    }
    $in = New-Object 'Management.Automation.PSDataCollection[psobject]'
    $in.Complete()
    $output = New-Object 'Management.Automation.PSDataCollection[psobject]'
    & $say begun
    $run = $shell.BeginInvoke($in, $output)
    $ended = $broken = $false
    # Ctrl+C passes by `catch`, not by `finally`. After an error of our own nothing may look like an end.
    try { do { $ended = $run.AsyncWaitHandle.WaitOne(50); & $drain } until ($ended -or ($stop.IsCompleted -and $null -ne $stop.Result)) }
    catch { $broken = $true; throw }
    finally {
        if (!$ended) { $shell.Stop() }
        if (!$broken) {
            & $drain
            $state = $shell.InvocationStateInfo
            $why = $state.Reason
            if ($why.ErrorRecord) { $why = [Management.Automation.ErrorRecord]::new($why.ErrorRecord, $why) }
            elseif ($why) { $why = [Management.Automation.ErrorRecord]::new($why, $why.GetType().FullName, 0, $null) }
            & $say ended (& $bag ('PipelineState', 'ExceptionAsErrorRecord') ([int]$state.State, $why))
        }
    }
    if ($errors.n -or $state.State -ne 'Completed') { break }
}
