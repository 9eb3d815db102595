# Writes down what a parameter holds, in a form that another language can write as well: type and value, to the last bit.

function Get-Witness {
    [CmdletBinding()] param([object]$Value)
    Write-Down $Value
}

function Write-Down {
    param($Value)
    if ($null -eq $Value) { return 'null' }
    $type = $Value.GetType().Name
    $invariant = [cultureinfo]::InvariantCulture
    switch ($type) {
        'String' { return 'String:' + (Get-Units $Value.ToCharArray()) }
        'Char' { return 'Char:' + (Get-Units @($Value)) }
        'Byte[]' { return 'Byte[]:' + [convert]::ToBase64String($Value) }
        'Double' { return 'Double:{0:x16}' -f [BitConverter]::DoubleToInt64Bits($Value) }
        'Single' { return 'Single:' + [BitConverter]::ToString([BitConverter]::GetBytes($Value)) }
        'DateTime' { return "DateTime:$($Value.Ticks) $($Value.Kind)" }
        'TimeSpan' { return "TimeSpan:$($Value.Ticks)" }
        'Uri' { return 'Uri:' + (Get-Units $Value.OriginalString.ToCharArray()) }
    }
    if ($Value -is [Collections.IDictionary]) {
        $entries = foreach ($entry in $Value.GetEnumerator()) { "$(Write-Down $entry.Key)=$(Write-Down $entry.Value)" }
        return '{' + (@($entries | Sort-Object) -join ';') + '}'
    }
    if ($Value -is [Collections.IEnumerable]) { return '[' + (@(foreach ($item in $Value) { Write-Down $item }) -join ',') + ']' }
    "${type}:" + [string]::Format($invariant, "{0}", [object[]]@(, $Value))
}

function Get-Units {
    param([char[]]$Units)
    if ($Units.Count -gt 2000) {
        # A long text: its UTF-16 as SHA-256.
        $bytes = [byte[]]::new(2 * $Units.Count)
        [Buffer]::BlockCopy($Units, 0, $bytes, 0, $bytes.Length)
        return "$($Units.Count) " + [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($bytes))
    }
    (@(foreach ($unit in $Units) { '{0:x4}' -f [int]$unit }) -join ' ')
}

function Invoke-Broken {
    # An error that nothing here handles.
    [CmdletBinding()] param()
    'before'
    $zero = 0
    1 / $zero
    'after'
}

function Write-Console {
    # Past every stream.
    param([string]$Text)
    [Console]::Out.Write($Text)
    'said'
}
