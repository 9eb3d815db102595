# Cmdlets of a server for the tests of the process transport. They are called by name; no script is ever sent.

function Get-Argument {
    # What arrived: its type name and its value.
    [CmdletBinding()] param([object]$Value)
    if ($null -eq $Value) { 'null' } else { $Value.GetType().FullName }
    $PSCmdlet.WriteObject($Value, $false)
}

function Get-SecretText {
    param([securestring]$Secret)
    $Secret.GetType().FullName
    [System.Net.NetworkCredential]::new('', $Secret).Password
}

function Get-Secret {
    param([string]$Text)
    $secret = [securestring]::new()
    foreach ($char in $Text.ToCharArray()) { $secret.AppendChar($char) }
    $secret
}

function Test-SwitchArgument {
    param([switch]$Force)
    $Force.IsPresent
    $Force.GetType().FullName
}

function Write-EveryStream {
    [CmdletBinding()] param()
    'one'
    Write-Warning 'two'
    Write-Error 'three' -ErrorId 'Three'
    Write-Verbose 'four' -Verbose
    $DebugPreference = 'Continue'
    Write-Debug 'five'
    Write-Information 'six'
    Write-Progress -Activity 'seven' -Status 'doing' -PercentComplete 7
    $null
    'nine'
}

function Get-Long {
    [CmdletBinding()] param([int]$Length)
    'x' * $Length
}

function Get-Many {
    param([int]$Count)
    for ($i = 1; $i -le $Count; $i++) { $i }
}

function Write-Forever { while ($true) { 'x' } }

function Invoke-Busy {
    # One long .NET call: a stop reaches it only when it ends.
    param([int]$Milliseconds)
    'begun'
    [System.Threading.Thread]::Sleep($Milliseconds)
    'done'
}

function Remove-Thing {
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param([string[]]$Identity, [string]$Path)
    foreach ($one in $Identity) {
        if ($PSCmdlet.ShouldProcess($one, 'Remove')) { [System.IO.File]::AppendAllText($Path, "$one`n"); "removed $one" }
    }
}

function Clear-Thing {
    # ShouldContinue proposes Yes.
    [CmdletBinding()] param([string]$Path)
    if ($PSCmdlet.ShouldContinue('Really clear it?', 'Clear')) { [System.IO.File]::AppendAllText($Path, "cleared`n"); 'cleared' }
}

function Reset-Stubborn {
    # Goes on when nobody answers.
    [CmdletBinding()] param([string]$Path)
    try { $null = $PSCmdlet.ShouldContinue('Reset?', 'Reset') } catch { 'went on' }
}

function Read-Everything {
    # Asks in the way that is named.
    [CmdletBinding()] param([string]$How)
    switch ($How) {
        'ReadLine' { $Host.UI.ReadLine() }
        'ReadLineAsSecureString' { $Host.UI.ReadLineAsSecureString() }
        'PromptForCredential' { $Host.UI.PromptForCredential('Sign in', 'Who are you?', 'user@contoso.com', 'target') }
        'PromptForChoice' {
            $choices = [System.Management.Automation.Host.ChoiceDescription[]]('&Yes', '&No')
            $Host.UI.PromptForChoice('Delete', 'Really?', $choices, 0)
        }
    }
}

function Get-Mandatory {
    [CmdletBinding()] param([Parameter(Mandatory)][string]$Identity)
    $Identity
}

function Write-ToHost {
    [CmdletBinding()] param()
    $Host.UI.WriteLine('a line')
    $Host.UI.WriteErrorLine('an error line')
    $Host.UI.RawUI.WindowTitle = 'title'
    $Host.UI.RawUI.BufferSize.Width
    $Host.UI.RawUI.WindowTitle
}

function Stop-Server {
    param([int]$Code)
    'last words'
    [System.Environment]::Exit($Code)
}

function Wait-Finally {
    [CmdletBinding()] param([string]$Path)
    try { 'begun'; Start-Sleep -Seconds 60 } finally { [System.IO.File]::AppendAllText($Path, "finally`n") }
}

function Start-Helper {
    # A program of the operating system that keeps the server's pipes.
    param([int]$Seconds)
    $info = [System.Diagnostics.ProcessStartInfo]::new('sleep', "$Seconds")
    $info.UseShellExecute = $false
    [System.Diagnostics.Process]::Start($info).Id
}

function Get-ServerProcess { [System.Environment]::ProcessId }

function Get-ServerMemory { [System.GC]::GetTotalMemory($true) }

function Set-Memory { param([string]$Text) $global:memory = $Text }
function Get-Memory { $global:memory }
